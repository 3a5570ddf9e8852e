// SPDX-License-Identifier: Apache-2.0
#include "farpoint/learn/folds.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace farpoint::learn {
namespace {

TEST(FoldsTest, FoldsAreOfNearlyEqualSizes) {
  constexpr std::uint64_t ids = 50000;
  for (const std::uint64_t folds : {1, 2, 5, 10}) {
    std::vector<int> sizes(folds, 0);
    for (std::uint64_t id = 0; id < ids; ++id) ++sizes.at(fold_of(3, 0, id, folds));
    const double expected = static_cast<double>(ids) / static_cast<double>(folds);
    for (const int size : sizes) EXPECT_NEAR(size, expected, 5 * std::sqrt(expected)) << folds;
  }
}

TEST(FoldsTest, SeedPopulationAndIdDecide) {
  int same_seed = 0;
  int same_population = 0;
  for (std::uint64_t id = 0; id < 2000; ++id) {
    EXPECT_EQ(fold_of(1, 0, id, 5), fold_of(1, 0, id, 5));
    same_seed += fold_of(1, 0, id, 5) == fold_of(2, 0, id, 5) ? 1 : 0;
    same_population += fold_of(1, 0, id, 5) == fold_of(1, 1, id, 5) ? 1 : 0;
  }
  EXPECT_NEAR(same_seed, 400, 100);
  EXPECT_NEAR(same_population, 400, 100);
}

TEST(FoldsTest, SamplesHaveTheirShare) {
  for (const double share : {0.0, 1e-3, 0.1, 0.5, 0.99, 1.0, 2.0}) {
    int drawn = 0;
    for (std::uint64_t id = 0; id < 50000; ++id) drawn += is_sampled(1, 4, 0, id, share) ? 1 : 0;
    const double expected = 50000 * std::min(share, 1.0);
    EXPECT_NEAR(drawn, expected, 5 * std::sqrt(expected * std::max(0.0, 1 - share))) << share;
  }
}

TEST(FoldsTest, SmallerSamplesArePartsOfLargerOnesAndStreamsAreIndependent) {
  int both = 0;
  for (std::uint64_t id = 0; id < 20000; ++id) {
    EXPECT_LE(is_sampled(1, 4, 0, id, 0.2), is_sampled(1, 4, 0, id, 0.3));
    both += is_sampled(1, 4, 0, id, 0.5) && is_sampled(1, 5, 0, id, 0.5) ? 1 : 0;
  }
  EXPECT_NEAR(both, 5000, 350);
}

TEST(FoldsTest, SamplesHaveNothingToDoWithFolds) {
  int drawn = 0;
  int in_fold = 0;
  for (std::uint64_t id = 0; id < 50000; ++id) {
    if (fold_of(7, 0, id, 5) != 2) continue;
    ++in_fold;
    drawn += is_sampled(7, 2, 0, id, 0.3) ? 1 : 0;
  }
  EXPECT_NEAR(drawn, 0.3 * in_fold, 250);
}

}  // namespace
}  // namespace farpoint::learn
