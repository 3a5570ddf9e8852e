// SPDX-License-Identifier: Apache-2.0
#include "farpoint/base/machine.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "memory_growth.hpp"

namespace farpoint {
namespace {

TEST(Machine, NumbersAreSensible) {
  const std::vector<CoreMask> alone{usable_cores()};
  EXPECT_GE(fair_threads(alone, 0), 1);
  EXPECT_LE(fair_threads(alone, 0), 1 << 20);
  EXPECT_GT(available_memory(), 1ULL << 20);
  EXPECT_LT(available_memory(), 1ULL << 50);
  EXPECT_FALSE(host_name().empty());
}

/// A mask of the cores from `begin` to before `end`.
CoreMask cores(std::size_t begin, std::size_t end, std::size_t words = 16) {
  CoreMask mask(words);
  for (auto core = begin; core < end; ++core) mask[core / 64] |= std::uint64_t{1} << (core % 64);
  return mask;
}

TEST(FairThreads, RanksWithTheirOwnCoresUseAllOfThem) {
  // srun -c 8 with 8 ranks a node
  std::vector<CoreMask> masks;
  for (std::size_t rank = 0; rank < 8; ++rank) masks.push_back(cores(60 + 8 * rank, 68 + 8 * rank));
  for (std::size_t rank = 0; rank < 8; ++rank) EXPECT_EQ(fair_threads(masks, rank), 8);
}

TEST(FairThreads, RanksWithoutBindingShareTheNode) {
  const std::vector<CoreMask> masks(6, cores(0, 64));
  EXPECT_EQ(fair_threads(masks, 5), 10);
  EXPECT_EQ(fair_threads(std::vector<CoreMask>(6, cores(0, 4)), 0), 1);
}

TEST(FairThreads, OnlyThoseThatOverlapShare) {
  const std::vector<CoreMask> masks{cores(0, 8), cores(4, 12), cores(12, 16), cores(12, 16, 32)};
  EXPECT_EQ(fair_threads(masks, 0), 4);
  EXPECT_EQ(fair_threads(masks, 1), 4);
  EXPECT_EQ(fair_threads(masks, 2), 2);
  EXPECT_EQ(fair_threads(masks, 3), 2);
}

TEST(FairThreads, AMaskThatIsNotKnownIsOneThread) {
  EXPECT_EQ(fair_threads(std::vector<CoreMask>{{}, cores(0, 4)}, 0), 1);
  EXPECT_EQ(fair_threads(std::vector<CoreMask>{{}, cores(0, 4)}, 1), 4);
}

TEST(Machine, PeakMemoryRisesWithUse) {
  const auto before = peak_memory();
  std::vector<char> block(200U << 20, 1);
  EXPECT_EQ(block[100U << 20], 1);
  EXPECT_GT(peak_memory(), std::max<std::uint64_t>(before, 200U << 20));
}

TEST(MemoryGrowth, ShowsBelowAnEarlierPeak) {
  {
    const std::vector<char> larger(200U << 20, 1);
    EXPECT_EQ(larger[100U << 20], 1);
  }

  const auto growth = memory_growth([] {
    const std::vector<char> block(50U << 20, 1);
    EXPECT_EQ(block[25U << 20], 1);
  });

  EXPECT_GE(growth, 50U << 20);
  EXPECT_LT(growth, 100U << 20);
}

}  // namespace
}  // namespace farpoint
