// SPDX-License-Identifier: Apache-2.0
#include "stage_effects.hpp"

#include <boost/serialization/map.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>
#include <set>

#include "farpoint/comm/objects.hpp"

namespace farpoint::jobs {

using namespace pipeline;

namespace {

/// As `dedup` names its reasons.
bool is_duplicate(const std::string& rule) {
  return rule.starts_with("duplicate_") || rule == "in_curated";
}

void add_all(RuleCounts& counts, const RuleCounts& others) {
  for (const auto& [rule, count] : others) counts[rule] += count;
}

}  // namespace

std::vector<Fate> fates_of(std::span<const std::uint64_t> ids, const ShardChanges& changes) {
  std::vector<Fate> fates(ids.size());
  const std::span acted(changes.acted);
  std::size_t removal = 0, first = 0, rewrite = 0;
  // All three lists are in the order of ids, and of these records alone.
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (removal < changes.removed.size() && changes.removed[removal].id == ids[i]) {
      fates[i].removed = &changes.removed[removal++];
    }
    auto end = first;
    while (end < acted.size() && acted[end].id == ids[i]) ++end;
    fates[i].acted = acted.subspan(first, end - first);
    first = end;
    if (rewrite < changes.rewrites.ids.size() && changes.rewrites.ids[rewrite] == ids[i]) {
      fates[i].rewritten = changes.rewrites.records[rewrite++];
    }
  }
  return fates;
}

void EffectCounts::add(const Fate& fate, const std::string& job) {
  ++in;
  if (fate.removed != nullptr) {
    ++removed_by[fate.removed->rule];
    if (is_duplicate(fate.removed->rule)) ++duplicates[fate.removed->rule];
    return;
  }
  ++out;
  std::set<std::string> rules;
  for (const auto& entry : fate.acted) rules.insert(entry.rule);
  if (fate.rewritten) {
    ++changed;
    if (rules.empty()) rules.insert(job);
  }
  auto& counts = fate.rewritten ? changed_by : noted_by;
  for (const auto& rule : rules) ++counts[rule];
}

EffectCounts& EffectCounts::operator+=(const EffectCounts& other) {
  in += other.in;
  out += other.out;
  changed += other.changed;
  add_all(removed_by, other.removed_by);
  add_all(changed_by, other.changed_by);
  add_all(noted_by, other.noted_by);
  add_all(duplicates, other.duplicates);
  return *this;
}

std::vector<EffectCounts> sum_over_ranks(comm::Communicator& comm, const std::vector<EffectCounts>& mine) {
  std::vector<EffectCounts> all;
  for (const auto& of_rank : comm::gather_objects(comm, mine, 0)) {
    all.resize(mine.size() + 1);
    for (std::size_t source = 0; source < mine.size(); ++source) {
      all[source] += of_rank[source];
      all.back() += of_rank[source];
    }
  }
  return all;
}

}  // namespace farpoint::jobs
