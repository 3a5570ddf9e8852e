// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

/// The two 16-bit floating-point formats; the compiler has no such types in C++20.
namespace farpoint {

/// The value of an IEEE 754 binary16: 1 bit sign, 5 bits exponent, 10 bits fraction. Exact.
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

/// The nearest binary16, the even one on ties; what is too large becomes infinite. Not for NaN.
constexpr std::uint16_t float_to_half(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000U);
  const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
  constexpr std::uint32_t too_large = 0x477FF000U;  // 65520, half-way between the largest binary16 and the next power
  if (magnitude >= too_large) return sign | 0x7C00U;
  constexpr std::uint32_t smallest_normal = 0x38800000U;  // 2^-14
  if (magnitude < smallest_normal) {
    // In single precision the sum has its last bit where a subnormal binary16 has it: the addition rounds.
    const float sum = std::bit_cast<float>(magnitude) + 0.5F;
    return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(sum) - 0x3F000000U));
  }
  constexpr std::uint32_t rebias = (127U - 15U) << 23;
  const std::uint32_t half_of_last_bit = 0x0FFFU + ((magnitude >> 13) & 1U);
  return static_cast<std::uint16_t>(sign | ((magnitude - rebias + half_of_last_bit) >> 13));
}

/// The value of a bfloat16, the upper half of a float32. Exact.
constexpr float bfloat16_to_float(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

/// The nearest bfloat16, the even one on ties. Not for NaN.
constexpr std::uint16_t float_to_bfloat16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}

}  // namespace farpoint
