// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

namespace farpoint {

/// Maps numbers, infinities too, to integers of the same order, so that order statistics can be found by counting. Both
/// zeros are one number. NaN has no place in the order.
inline std::uint64_t ordered_bits(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value);
  constexpr std::uint64_t sign = 1ULL << 63;
  return (bits & sign) != 0 ? ~bits : bits | sign;
}

/// The number that ordered_bits() maps to `bits`.
inline double from_ordered_bits(std::uint64_t bits) {
  constexpr std::uint64_t sign = 1ULL << 63;
  return std::bit_cast<double>((bits & sign) != 0 ? bits & ~sign : ~bits);
}

}  // namespace farpoint
