// SPDX-License-Identifier: Apache-2.0
#include "farpoint/base/random.hpp"

#include <Random123/philox.h>

namespace farpoint {

std::uint64_t random_bits(std::uint64_t seed, std::uint64_t stream, std::uint64_t counter) {
  const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
  const auto high = [](std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); };
  const r123::Philox4x32::ctr_type block{{low(counter), high(counter), low(stream), high(stream)}};
  const r123::Philox4x32::key_type key{{low(seed), high(seed)}};
  const auto bits = r123::Philox4x32{}(block, key);
  return (std::uint64_t{bits[1]} << 32) | bits[0];
}

}  // namespace farpoint
