// SPDX-License-Identifier: Apache-2.0
#include "pipeline/work_shares.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numeric>

namespace farpoint::pipeline {
namespace {

TEST(Assign, LongestFirstToTheLeastLoaded) {
  const std::vector<WorkItem> work{{0, 2}, {1, 7}, {2, 3}, {3, 3}};
  const auto shares = assign(work, 2);
  EXPECT_EQ(shares[0], std::vector<std::size_t>{1});
  EXPECT_EQ(shares[1], (std::vector<std::size_t>{0, 2, 3}));
}

TEST(Assign, MoreRanksThanWork) {
  const std::vector<WorkItem> work{{5, 1}};
  const auto shares = assign(work, 3);
  ASSERT_EQ(shares.size(), 3U);
  EXPECT_EQ(shares[0].size() + shares[1].size() + shares[2].size(), 1U);
}

RC_GTEST_PROP(Assign, GivesEveryItemToOneRankAndBalances, (std::vector<std::uint16_t> costs, std::uint8_t extra)) {
  const int ranks = 1 + extra % 7;
  std::vector<WorkItem> work;
  for (std::size_t i = 0; i < costs.size(); ++i) work.push_back({i, costs[i]});

  const auto shares = assign(work, ranks);

  std::vector<std::size_t> all;
  std::uint64_t largest_load = 0;
  for (const auto& share : shares) {
    RC_ASSERT(std::is_sorted(share.begin(), share.end()));
    std::uint64_t load = 0;
    for (const auto item : share) load += std::max<std::uint64_t>(costs[item], 1);
    largest_load = std::max(largest_load, load);
    all.insert(all.end(), share.begin(), share.end());
  }
  std::sort(all.begin(), all.end());
  std::vector<std::size_t> expected(costs.size());
  std::iota(expected.begin(), expected.end(), std::size_t{0});
  RC_ASSERT(all == expected);
  std::uint64_t sum = 0, largest = 0;
  for (const auto cost : costs) {
    sum += std::max<std::uint64_t>(cost, 1);
    largest = std::max<std::uint64_t>(largest, std::max<std::uint64_t>(cost, 1));
  }
  RC_ASSERT(largest_load <= sum / static_cast<std::uint64_t>(ranks) + largest);
}

}  // namespace
}  // namespace farpoint::pipeline
