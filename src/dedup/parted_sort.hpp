// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "exchange.hpp"
#include "farpoint/base/parallel.hpp"

namespace farpoint::dedup {

/// Brings equal hashes together, and sorts those of one hash, and parts of the hashes, by `less`; on all threads. Parts
/// fit into a cache, unlike the whole. `hash_of` gives a hash whose bits from the second on are good.
template <comm::Plain T, typename HashOf, typename Less>
std::vector<T> sorted_in_parts(std::span<const T> values, HashOf&& hash_of, Less&& less) {
  constexpr std::size_t part_values = 1024;
  constexpr std::size_t most_parts = 1024;
  const std::size_t parts = std::clamp(values.size() / part_values, std::size_t{1}, most_parts);
  Routed<T> parted = routed(values, parts, [&](const T& value) { return (hash_of(value) >> 1 & 0xffffff) % parts; });
  std::vector<std::uint64_t> ends(parts);
  std::partial_sum(parted.counts.begin(), parted.counts.end(), ends.begin());
  parallel_for(parts, 1, [&](std::size_t, std::size_t begin, std::size_t end) {
    for (std::size_t part = begin; part < end; ++part) {
      const auto last = parted.values.begin() + static_cast<std::ptrdiff_t>(ends[part]);
      std::sort(last - static_cast<std::ptrdiff_t>(parted.counts[part]), last, less);
    }
  });
  return std::move(parted.values);
}

}  // namespace farpoint::dedup
