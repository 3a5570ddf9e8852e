// SPDX-License-Identifier: Apache-2.0
#include "farpoint/base/machine.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace farpoint {
namespace {

TEST(Machine, NumbersAreSensible) {
  EXPECT_GE(available_cores(), 1);
  EXPECT_GT(available_memory(), 1ULL << 20);
  EXPECT_LT(available_memory(), 1ULL << 50);
  EXPECT_FALSE(host_name().empty());
}

TEST(Machine, PeakMemoryRisesWithUse) {
  const auto before = peak_memory();
  std::vector<char> block(200U << 20, 1);
  EXPECT_EQ(block[100U << 20], 1);
  EXPECT_GT(peak_memory(), std::max<std::uint64_t>(before, 200U << 20));
}

}  // namespace
}  // namespace farpoint
