// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "shingle_sets.hpp"
#include "walk.hpp"

namespace farpoint::dedup {

/// The sets that this rank wants in a round: each once, and of each holder no more than its share of a batch, so that
/// no rank sends more than a batch either.
class SetRequest {
 public:
  SetRequest(std::size_t ranks, std::size_t batch_bytes);

  bool empty() const { return wanted_.empty(); }
  /// Asks for the set, unless it would be too much; true when it will be there.
  bool add(const Member& member);
  /// Asks for it in any case.
  void add_anyway(const Member& member);

  /// For taking back what was asked for since: the number of sets so far.
  std::size_t mark() const { return wanted_.size(); }
  void take_back(std::size_t mark);
  void clear() { take_back(0); }

 private:
  friend class FetchedSets;
  struct Wanted {
    std::uint64_t id;
    std::uint32_t size;
    std::uint32_t holder;
  };

  std::uint64_t share_;               ///< shingles that a holder may be asked for
  std::vector<std::uint64_t> asked_;  ///< of each holder
  std::vector<Wanted> wanted_;
  std::unordered_map<std::uint64_t, std::size_t> places_;  ///< by id, in wanted_
};

/// The sets of one round, by id.
class FetchedSets {
 public:
  /// Collective.
  FetchedSets(comm::Communicator& comm, const ShingleSets& mine, const SetRequest& request);

  bool has(std::uint64_t id) const { return sets_.contains(id); }
  std::span<const std::uint64_t> of(std::uint64_t id) const { return sets_.at(id); }

 private:
  std::vector<std::uint64_t> shingles_;
  std::unordered_map<std::uint64_t, std::span<const std::uint64_t>> sets_;
};

}  // namespace farpoint::dedup
