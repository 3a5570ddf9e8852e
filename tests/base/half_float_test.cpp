// SPDX-License-Identifier: Apache-2.0
#include "farpoint/base/half_float.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace farpoint {
namespace {

/// The nearest of all finite values of a format, the one with an even last bit on ties.
template <typename Widen>
std::uint16_t nearest(float value, std::uint16_t infinity, Widen widen) {
  std::uint16_t best = 0;
  for (std::uint32_t bits = 0; bits < infinity; ++bits) {
    const double distance = std::abs(double{widen(static_cast<std::uint16_t>(bits))} - value);
    const double least = std::abs(double{widen(best)} - value);
    if (distance < least || (distance == least && bits % 2 == 0)) best = static_cast<std::uint16_t>(bits);
  }
  return best;
}

TEST(HalfFloat, RoundTripsEveryValue) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    if (!std::isnan(half_to_float(half))) {
      EXPECT_EQ(float_to_half(half_to_float(half)), half);
    }
    if (!std::isnan(bfloat16_to_float(half))) {
      EXPECT_EQ(float_to_bfloat16(bfloat16_to_float(half)), half);
    }
  }
}

TEST(HalfFloat, RoundsToTheNearest) {
  for (const float value : {0.0F, 0x1p-25F, 0x1.8p-25F, 0x1.8p-24F, 0x1p-14F, 0x1.ffcp-15F, 0x1.ffep-15F, 0.1F,
                            1.0F / 3, 0x1.002p0F, 0x1.006p0F, 2049.0F, 2051.0F, 65504.0F, 65519.0F, 1e-7F}) {
    EXPECT_EQ(float_to_half(value), nearest(value, 0x7C00, half_to_float)) << value;
    EXPECT_EQ(float_to_half(-value), nearest(value, 0x7C00, half_to_float) | 0x8000U) << value;
    EXPECT_EQ(float_to_bfloat16(value), nearest(value, 0x7F80, bfloat16_to_float)) << value;
  }
  EXPECT_TRUE(std::isinf(half_to_float(float_to_half(65520.0F))));
  EXPECT_TRUE(std::isinf(bfloat16_to_float(float_to_bfloat16(0x1.ffp127F))));
}

}  // namespace
}  // namespace farpoint
