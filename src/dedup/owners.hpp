// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "farpoint/comm/collectives.hpp"

namespace farpoint::dedup {

/// Values that one rank sends at a time, about.
inline constexpr std::size_t values_per_slice = std::size_t{1} << 18;

/// floor(key * pieces / 2^64): which of `pieces` equal ranges of the 64-bit numbers holds the key.
inline std::uint64_t range_of(std::uint64_t key, std::uint64_t pieces) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>(static_cast<Wide>(key) * pieces >> 64);
}

/// Brings together the values of all ranks that have the same key, at the rank that owns the key, and carries its
/// answers back. `values` are in ascending order of key_of(value), which spreads evenly over the 64-bit numbers; no
/// value should be there more than a few times on one rank, so that no owner gets more than the others.
///
/// The keys are treated slice by slice, so that memory does not depend on how many there are; all values of a key are
/// in one slice. For each slice, judge(values) gets those that this rank owns, of all ranks, in no special order, and
/// returns an answer, of one byte, to each. Then take(i, answer) is called for each of this rank's values[i], in their
/// order. Collective.
template <typename T, typename KeyOf, typename Judge, typename Take>
void ask_owners(comm::Communicator& comm, std::span<const T> values, KeyOf key_of, Judge judge, Take take,
                std::uint64_t slice_size = values_per_slice) {
  const auto ranks = static_cast<std::uint64_t>(comm.size());
  const std::uint64_t most = comm::all_reduce(comm, std::uint64_t{values.size()}, comm::Reduction::max);
  const std::uint64_t slices = (most + slice_size - 1) / slice_size;
  auto begin = values.begin();
  for (std::uint64_t slice = 0; slice < slices; ++slice) {
    std::vector<std::uint64_t> counts;
    auto end = begin;
    for (std::uint64_t piece = slice * ranks; piece < (slice + 1) * ranks; ++piece) {
      const auto next = std::partition_point(
          end, values.end(), [&](const T& value) { return range_of(key_of(value), slices * ranks) <= piece; });
      counts.push_back(static_cast<std::uint64_t>(next - end));
      end = next;
    }
    const auto owned = comm::all_to_all(comm, std::span<const T>(begin, end), counts);
    const std::vector<std::uint8_t> answers = judge(std::span<const T>(owned.data));
    for (std::size_t rank = 0; rank < ranks; ++rank) counts[rank] = owned.offsets[rank + 1] - owned.offsets[rank];
    const auto answered = comm::all_to_all(comm, std::span(answers), counts);
    auto i = static_cast<std::size_t>(begin - values.begin());
    for (const std::uint8_t answer : answered.data) take(i++, answer);
    begin = end;
  }
}

}  // namespace farpoint::dedup
