// SPDX-License-Identifier: Apache-2.0
#include "dedup/sorted_hashes.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "farpoint/base/random.hpp"

namespace farpoint::dedup {
namespace {

void expect_all_found(const std::vector<std::uint64_t>& sorted) {
  const SortedHashes hashes(sorted);
  const std::set<std::uint64_t> there(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    ASSERT_EQ(hashes.find(sorted[i]), i);
    for (const std::uint64_t near : {sorted[i] - 1, sorted[i] + 1}) {
      const bool is_there = there.contains(near);
      ASSERT_EQ(hashes.find(near) != SortedHashes::none, is_there);
    }
  }
}

TEST(SortedHashes, find_what_is_there) {
  for (const std::size_t size : {1U, 10U, 5000U, 200'000U}) {
    std::vector<std::uint64_t> hashes;
    for (std::size_t i = 0; i < size; ++i) hashes.push_back(random_bits(1, 2, i));
    std::ranges::sort(hashes);
    hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
    expect_all_found(hashes);
    EXPECT_EQ(SortedHashes(hashes).find(random_bits(3, 4, size)), SortedHashes::none);
  }
}

TEST(SortedHashes, of_none_find_nothing) {
  EXPECT_EQ(SortedHashes().find(0), SortedHashes::none);
  EXPECT_EQ(SortedHashes().find(~std::uint64_t{0}), SortedHashes::none);
}

TEST(SortedHashes, need_not_be_spread) {
  std::vector<std::uint64_t> low, high;
  for (std::uint64_t i = 0; i < 3000; ++i) {
    low.push_back(3 * i);
    high.push_back(~std::uint64_t{0} - 3 * (2999 - i));
  }
  expect_all_found(low);
  expect_all_found(high);
  low.insert(low.end(), high.begin(), high.end());
  expect_all_found(low);
}

RC_GTEST_PROP(SortedHashes, find_as_a_set_does, (const std::set<std::uint64_t>& set, std::uint64_t other)) {
  const std::vector<std::uint64_t> sorted(set.begin(), set.end());
  expect_all_found(sorted);
  RC_ASSERT((SortedHashes(sorted).find(other) != SortedHashes::none) == set.contains(other));
}

}  // namespace
}  // namespace farpoint::dedup
