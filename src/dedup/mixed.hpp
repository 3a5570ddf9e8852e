// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace farpoint::dedup {

/// Spreads over all bits, one to one: the finaliser of MurmurHash3 (Appleby).
constexpr std::uint64_t mixed(std::uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53ULL;
  return x ^ x >> 33;
}

/// Which of `ranks` ranks keeps what has this hash, whose high bits are good: each an equal share of the hashes.
constexpr std::size_t owner_of_hash(std::uint64_t hash, std::size_t ranks) {
  return static_cast<std::size_t>(((hash >> 32) * ranks) >> 32);
}

}  // namespace farpoint::dedup
