// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "farpoint/base/random.hpp"
#include "mpi_world.hpp"

namespace farpoint::select {
namespace {

/// The ids below `n` that this rank holds; `split` changes who holds what, and leaves some ranks with none.
std::vector<std::uint64_t> ids_of_rank(std::uint64_t n, std::uint64_t split) {
  const auto ranks = static_cast<std::uint64_t>(world().size());
  const std::uint64_t usable = split == 1 ? 1 : ranks;
  std::vector<std::uint64_t> ids;
  for (std::uint64_t id = 0; id < n; ++id) {
    if (random_bits(split, 0, id) % usable == static_cast<std::uint64_t>(world().rank())) ids.push_back(id);
  }
  return ids;
}

std::vector<std::uint64_t> draw(std::uint64_t n, std::uint64_t count, std::uint64_t seed, std::uint64_t split = 0) {
  return random_subset(world(), ids_of_rank(n, split), count, seed);
}

TEST(RandomSubset, IsTheSameInEverySplit) {
  const auto drawn = draw(5000, 300, 7, 0);

  EXPECT_EQ(drawn, draw(5000, 300, 7, 1));
  EXPECT_EQ(drawn, draw(5000, 300, 7, 2));
}

TEST(RandomSubset, IsThatOfTheSmallestNumbers) {
  std::vector<std::uint64_t> all(5000);
  std::iota(all.begin(), all.end(), std::uint64_t{0});
  std::sort(all.begin(), all.end(), [](auto a, auto b) { return random_key(7, a) < random_key(7, b); });

  EXPECT_EQ(draw(5000, 300, 7), std::vector(all.begin(), all.begin() + 300));
}

TEST(RandomSubset, IsWhatItWasInEarlierVersions) {
  EXPECT_EQ(draw(1000, 8, 42), (std::vector<std::uint64_t>{565, 726, 831, 271, 585, 121, 3, 541}));
}

TEST(RandomSubset, DrawsWithoutReplacement) {
  const auto drawn = draw(5000, 300, 7);

  EXPECT_EQ(drawn.size(), 300);
  EXPECT_EQ(std::set<std::uint64_t>(drawn.begin(), drawn.end()).size(), 300);
  EXPECT_LT(*std::max_element(drawn.begin(), drawn.end()), 5000);
}

TEST(RandomSubset, OfMoreExtendsThatOfFewer) {
  const auto many = draw(200'000, 100'000, 3);

  for (const std::uint64_t count : {1, 2, 1000, 50'000}) {
    const auto few = draw(200'000, count, 3);
    EXPECT_EQ(few, std::vector(many.begin(), many.begin() + static_cast<std::ptrdiff_t>(count)));
  }
}

TEST(RandomSubset, DependsOnTheSeed) {
  EXPECT_NE(draw(1000, 20, 1), draw(1000, 20, 2));
}

TEST(RandomSubset, IsEverythingWhenThereIsLess) {
  auto drawn = draw(50, 1000, 1);
  std::sort(drawn.begin(), drawn.end());

  std::vector<std::uint64_t> all(50);
  std::iota(all.begin(), all.end(), std::uint64_t{0});
  EXPECT_EQ(drawn, all);
}

TEST(RandomSubset, OfNothingOrOfNoneIsEmpty) {
  EXPECT_TRUE(draw(0, 10, 1).empty());
  EXPECT_TRUE(draw(10, 0, 1).empty());
}

TEST(RandomSubset, TakesEveryRecordEquallyOften) {
  constexpr std::uint64_t n = 100, count = 10, draws = 500;
  std::vector<int> taken(n, 0);

  for (std::uint64_t seed = 0; seed < draws; ++seed) {
    for (const auto id : draw(n, count, seed)) ++taken[id];
  }

  // Binomial with mean 50 and deviation 6.7: six deviations to either side.
  EXPECT_GT(*std::min_element(taken.begin(), taken.end()), 10);
  EXPECT_LT(*std::max_element(taken.begin(), taken.end()), 90);
}

}  // namespace
}  // namespace farpoint::select
