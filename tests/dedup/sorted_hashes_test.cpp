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
    ASSERT_EQ(find_hash(sorted, sorted[i]), i);
    ASSERT_TRUE(hashes.contains(sorted[i]));
    for (const std::uint64_t near : {sorted[i] - 1, sorted[i] + 1}) {
      const bool is_there = there.contains(near);
      ASSERT_EQ(find_hash(sorted, near) != no_position, is_there);
      ASSERT_EQ(hashes.contains(near), is_there);
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
    EXPECT_FALSE(SortedHashes(hashes).contains(random_bits(3, 4, size)));
  }
}

TEST(SortedHashes, of_none_find_nothing) {
  EXPECT_FALSE(SortedHashes(std::span<const std::uint64_t>()).contains(0));
  EXPECT_EQ(find_hash({}, ~std::uint64_t{0}), no_position);
}

TEST(HashFilter, lets_few_others_pass) {
  constexpr std::size_t size = 130'000;
  HashFilter filter(size);
  for (std::size_t i = 0; i < size; ++i) filter.add(random_bits(1, 2, i));
  std::size_t passed = 0;
  for (std::size_t i = 0; i < size; ++i) passed += filter.may_have(random_bits(3, 4, i)) ? 1 : 0;
  EXPECT_LT(passed, size / 100);
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
  RC_ASSERT(SortedHashes(sorted).contains(other) == set.contains(other));
}

}  // namespace
}  // namespace farpoint::dedup
