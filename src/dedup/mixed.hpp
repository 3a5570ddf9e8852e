// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace farpoint::dedup {

/// Spreads over all bits, and keeps apart what differs: the finaliser of MurmurHash3 (Appleby).
inline std::uint64_t mixed(std::uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53ULL;
  return x ^ x >> 33;
}

}  // namespace farpoint::dedup
