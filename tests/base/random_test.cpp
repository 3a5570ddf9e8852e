// SPDX-License-Identifier: Apache-2.0
#include "farpoint/base/random.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <set>

namespace farpoint {
namespace {

TEST(RandomBits, IsPhilox) {
  // Random123's known answer for philox4x32-10 with counter and key zero: 6627e8d5 e169c58d ...
  EXPECT_EQ(random_bits(0, 0, 0), 0xe169c58d6627e8d5ULL);
}

TEST(RandomBits, EveryArgumentCounts) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed : {0ULL, 1ULL, 1ULL << 32}) {
    for (std::uint64_t stream : {0ULL, 1ULL, 1ULL << 32}) {
      for (std::uint64_t counter : {0ULL, 1ULL, 1ULL << 32}) seen.insert(random_bits(seed, stream, counter));
    }
  }
  EXPECT_EQ(seen.size(), 27U);
}

TEST(RandomBits, BitsAreFair) {
  int ones = 0;
  for (std::uint64_t i = 0; i < 10000; ++i) ones += std::popcount(random_bits(7, 3, i));
  // 640,000 fair bits: five standard deviations are 2,000.
  EXPECT_NEAR(ones, 320000, 2000);
}

}  // namespace
}  // namespace farpoint
