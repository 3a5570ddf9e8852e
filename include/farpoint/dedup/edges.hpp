// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace farpoint::dedup {

/// Pool records have ids from 0 on; those of curated records have this bit besides.
inline constexpr std::uint64_t curated_bit = std::uint64_t{1} << 63;

/// Two records that are the same, or nearly.
struct Edge {
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  bool operator==(const Edge&) const = default;
};

/// What matched, each item on one rank, whichever.
struct Matches {
  std::vector<Edge> edges;                  ///< of two pool records
  std::vector<std::uint64_t> curated_hits;  ///< pool records that match a curated one
};

}  // namespace farpoint::dedup
