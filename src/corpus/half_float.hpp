// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

namespace farpoint::corpus {

/// The value of an IEEE 754 binary16: 1 bit sign, 5 bits exponent, 10 bits fraction. Exact; the compiler has no such
/// type in C++20.
constexpr float half_to_float(std::uint16_t bits) {
  const std::uint32_t sign = (bits & 0x8000U) << 16;
  const std::uint32_t exponent = (bits >> 10) & 0x1FU;
  const std::uint32_t fraction = bits & 0x3FFU;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(magnitude) | sign);
  }
  constexpr std::uint32_t rebias = 127 - 15;
  const std::uint32_t wide_exponent = exponent == 0x1FU ? 0xFFU : exponent + rebias;
  return std::bit_cast<float>(sign | wide_exponent << 23 | fraction << 13);
}

}  // namespace farpoint::corpus
