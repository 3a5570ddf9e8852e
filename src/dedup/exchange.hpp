// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "farpoint/comm/collectives.hpp"

namespace farpoint::dedup {

inline std::size_t rank_count(const comm::Communicator& comm) {
  return static_cast<std::size_t>(comm.size());
}

/// Values in order of the rank that they go to.
template <comm::Plain T>
struct Routed {
  std::vector<T> values;
  std::vector<std::uint64_t> counts;  ///< [ranks]
};

/// `owner(value)` is the rank that a value goes to. Values for one rank stay in their order.
template <comm::Plain T, typename Owner>
Routed<T> routed(std::span<const T> values, std::size_t ranks, Owner&& owner) {
  Routed<T> result;
  result.counts.assign(ranks, 0);
  for (const T& value : values) ++result.counts[owner(value)];
  std::vector<std::uint64_t> at(ranks, 0);
  for (std::size_t rank = 1; rank < ranks; ++rank) at[rank] = at[rank - 1] + result.counts[rank - 1];
  result.values.resize(values.size());
  for (const T& value : values) result.values[at[owner(value)]++] = value;
  return result;
}

/// Each value on the rank that owns it. Collective.
template <comm::Plain T, typename Owner>
comm::Gathered<T> exchanged(comm::Communicator& comm, std::span<const T> values, Owner&& owner) {
  const Routed<T> sent = routed(values, rank_count(comm), owner);
  return comm::all_to_all(comm, std::span<const T>(sent.values), sent.counts);
}

/// How many values of `gathered` came from each rank: as many answers go back.
template <typename T>
std::vector<std::uint64_t> counts_of(const comm::Gathered<T>& gathered) {
  std::vector<std::uint64_t> counts;
  for (std::size_t rank = 0; rank + 1 < gathered.offsets.size(); ++rank) {
    counts.push_back(gathered.offsets[rank + 1] - gathered.offsets[rank]);
  }
  return counts;
}

}  // namespace farpoint::dedup
