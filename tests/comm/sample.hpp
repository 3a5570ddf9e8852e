// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "farpoint/base/random.hpp"

namespace farpoint {

/// Values that any rank can compute for any other, so that each one knows what must arrive.
inline std::vector<std::uint64_t> values_of(int rank, std::uint64_t count) {
  std::vector<std::uint64_t> values(count);
  for (std::uint64_t i = 0; i < count; ++i) values[i] = random_bits(1, static_cast<std::uint64_t>(rank), i);
  return values;
}

/// Uneven, and none at all on every third rank.
inline std::uint64_t uneven_count(int rank) {
  return rank % 3 == 1 ? 0 : 3 + 2 * static_cast<std::uint64_t>(rank);
}

}  // namespace farpoint
