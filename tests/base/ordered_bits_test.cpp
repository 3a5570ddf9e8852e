// SPDX-License-Identifier: Apache-2.0
#include "farpoint/base/ordered_bits.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace farpoint {
namespace {

using Numbers = std::numeric_limits<double>;

TEST(OrderedBits, HaveTheOrderOfTheNumbers) {
  const std::vector<double> ascending{-Numbers::infinity(),
                                      Numbers::lowest(),
                                      -1.5,
                                      -1.0,
                                      -Numbers::min(),
                                      -5e-324,
                                      0.0,
                                      5e-324,
                                      Numbers::min(),
                                      1.0,
                                      1.0 + 0x1p-52,
                                      1e18,
                                      Numbers::max(),
                                      Numbers::infinity()};

  for (std::size_t i = 0; i + 1 < ascending.size(); ++i) {
    EXPECT_LT(ordered_bits(ascending[i]), ordered_bits(ascending[i + 1])) << ascending[i];
  }
  for (const double value : ascending) EXPECT_EQ(from_ordered_bits(ordered_bits(value)), value);
}

TEST(OrderedBits, OfBothZerosAreTheSame) {
  EXPECT_EQ(ordered_bits(-0.0), ordered_bits(0.0));
  EXPECT_FALSE(std::signbit(from_ordered_bits(ordered_bits(-0.0))));
}

}  // namespace
}  // namespace farpoint
