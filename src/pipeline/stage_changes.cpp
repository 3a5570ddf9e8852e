// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "farpoint/pipeline/stage_data.hpp"

namespace farpoint::pipeline {

namespace {

using Ids = std::vector<std::uint64_t>;

bool holds(const Ids& ids, std::uint64_t id) {
  return std::binary_search(ids.begin(), ids.end(), id);
}

std::vector<TraceEntry> read_trace(const store::ShardFile& file) {
  std::vector<TraceEntry> trace;
  if (!file.has("trace/id")) return trace;
  const auto ids = file.read("trace/id").as<Ids>();
  const auto rules = file.read("trace/rule").as<store::Strings>();
  const auto details = file.read("trace/detail").as<store::Strings>();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    trace.push_back({ids[i], std::string(rules[i]), std::string(details[i])});
  }
  return trace;
}

/// An entry for each removed record, as if the job had left no trace.
std::map<std::uint64_t, TraceEntry> removals_without_trace(const store::ShardFile& file, const Ids& kept,
                                                           const std::string& job) {
  const auto ids = file.read("id").as<Ids>();
  std::map<std::uint64_t, TraceEntry> removed;
  for (const auto id : ids) {
    if (!holds(kept, id)) removed[id] = {id, job, ""};
  }
  const auto rejected = file.read("rejects/id").as<Ids>();
  const auto reasons = file.read("rejects/reason").as<store::Strings>();
  for (std::size_t i = 0; i < rejected.size(); ++i) {
    const auto found = removed.find(rejected[i]);
    if (found != removed.end()) found->second.rule = std::string(reasons[i]);
  }
  return removed;
}

Rewrites read_rewrites(const store::ShardFile& file, const Ids& kept) {
  Rewrites rewrites;
  if (!file.has("rewritten/id")) return rewrites;
  const auto ids = file.read("rewritten/id").as<Ids>();
  const auto records = file.read("rewritten/record").as<store::Strings>();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!holds(kept, ids[i])) continue;
    rewrites.ids.push_back(ids[i]);
    rewrites.records.push_back(records[i]);
  }
  return rewrites;
}

}  // namespace

ShardChanges read_changes(const Data& data, const PlannedJob& planned, std::size_t shard) {
  const auto file = open_shard_file(data.stages.at(planned.stage), data.set(Population::pool), shard);
  const auto kept = file.read(file.has("kept") ? "kept" : "id").as<Ids>();
  auto removed = removals_without_trace(file, kept, planned.name);
  ShardChanges changes;
  for (auto& entry : read_trace(file)) {
    const auto found = removed.find(entry.id);
    if (found == removed.end()) {
      changes.acted.push_back(std::move(entry));
    } else {
      // A job traces what it did to a record first, and last for what it gave it up.
      found->second = std::move(entry);
    }
  }
  for (auto& [id, entry] : removed) changes.removed.push_back(std::move(entry));
  changes.rewrites = read_rewrites(file, kept);
  return changes;
}

}  // namespace farpoint::pipeline
