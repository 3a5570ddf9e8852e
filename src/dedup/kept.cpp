// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cassert>
#include <cmath>
#include <tuple>

#include "exchange.hpp"
#include "farpoint/base/ordered_bits.hpp"
#include "farpoint/dedup/components.hpp"
#include "mixed.hpp"

namespace farpoint::dedup {

namespace {

struct Candidate {
  std::uint64_t label;
  std::uint64_t priority;  ///< ordered bits, below those of all numbers for NaN
  std::uint64_t id;
};

/// The best candidate of each label, labels ascending.
std::vector<Candidate> best_of_labels(std::vector<Candidate> candidates) {
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& x, const Candidate& y) {
    return std::tie(x.label, y.priority, x.id) < std::tie(y.label, x.priority, y.id);
  });
  const auto same = [](const Candidate& x, const Candidate& y) { return x.label == y.label; };
  candidates.erase(std::unique(candidates.begin(), candidates.end(), same), candidates.end());
  return candidates;
}

std::uint64_t id_of(std::span<const Candidate> best, std::uint64_t label) {
  const auto before = [](const Candidate& candidate, std::uint64_t wanted) { return candidate.label < wanted; };
  return std::lower_bound(best.begin(), best.end(), label, before)->id;
}

}  // namespace

std::vector<std::uint64_t> kept_of_components(comm::Communicator& comm, const Components& components,
                                              std::span<const std::uint64_t> ids, std::span<const double> priorities) {
  assert(ids.size() == priorities.size());
  std::vector<std::uint64_t> kept = components.labels(ids);
  std::vector<Candidate> candidates;
  candidates.reserve(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    candidates.push_back({kept[i], std::isnan(priorities[i]) ? 0 : ordered_bits(priorities[i]), ids[i]});
  }
  // One candidate a label leaves each rank, so that a large component is no load for the rank that decides about it.
  auto mine = routed<Candidate>(best_of_labels(std::move(candidates)), rank_count(comm),
                                [&](const Candidate& c) { return owner_of_hash(mixed(c.label), rank_count(comm)); });
  auto received = comm::all_to_all(comm, std::span<const Candidate>(mine.values), mine.counts);
  {
    const auto best = best_of_labels(received.data);
    for (Candidate& candidate : received.data) candidate.id = id_of(best, candidate.label);
  }
  auto answers = comm::all_to_all(comm, std::span<const Candidate>(received.data), counts_of(received)).data;
  std::sort(answers.begin(), answers.end(), [](const Candidate& x, const Candidate& y) { return x.label < y.label; });
  for (std::uint64_t& label : kept) label = id_of(answers, label);
  return kept;
}

}  // namespace farpoint::dedup
