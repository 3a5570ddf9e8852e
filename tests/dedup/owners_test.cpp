// SPDX-License-Identifier: Apache-2.0
#include "dedup/owners.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "farpoint/base/random.hpp"
#include "mpi_world.hpp"

namespace farpoint::dedup {
namespace {

using Keys = std::vector<std::uint64_t>;

/// So many of the rank's own keys, and `common` that all ranks have, each up to twice.
Keys sorted_keys(std::size_t own, std::size_t common) {
  Keys keys;
  const auto rank = static_cast<std::uint64_t>(world().rank());
  for (std::size_t i = 0; i < own; ++i) keys.push_back(random_bits(1, rank, i));
  for (std::size_t i = 0; i < common; ++i) keys.insert(keys.end(), 1 + i % 2, random_bits(2, 0, i));
  std::ranges::sort(keys);
  return keys;
}

/// Each value's answer is how many ranks' values have its key.
void expect_counts(const Keys& keys, std::uint64_t slice_size) {
  const auto all = comm::all_gather(world(), std::span<const std::uint64_t>(keys)).data;
  const auto judge = [](std::span<const std::uint64_t> owned) {
    std::vector<std::uint8_t> answers;
    for (const std::uint64_t key : owned) answers.push_back(static_cast<std::uint8_t>(std::ranges::count(owned, key)));
    return answers;
  };
  std::size_t next = 0;
  ask_owners(
      world(), std::span(keys), [](std::uint64_t key) { return key; }, judge,
      [&](std::size_t i, std::uint8_t answer) {
        EXPECT_EQ(i, next++);
        EXPECT_EQ(answer, std::ranges::count(all, keys[i]));
      },
      slice_size);
  EXPECT_EQ(next, keys.size());
}

TEST(AskOwners, brings_equal_keys_together) {
  for (const std::uint64_t slice_size : {1U, 3U, 50U, 100'000U}) expect_counts(sorted_keys(40, 20), slice_size);
}

TEST(AskOwners, of_ranks_that_have_none) {
  const bool is_last = world().rank() == world().size() - 1;
  expect_counts(is_last ? sorted_keys(100, 9) : Keys(), 7);
  expect_counts({}, 7);
}

TEST(AskOwners, takes_the_least_and_the_largest_key) {
  expect_counts({0, 0, 1, ~std::uint64_t{0} - 1, ~std::uint64_t{0}}, 2);
}

TEST(AskOwners, gives_no_owner_more_than_its_share) {
  const auto keys = sorted_keys(5000, 0);
  std::size_t most = 0;
  ask_owners(
      world(), std::span<const std::uint64_t>(keys), [](std::uint64_t key) { return key; },
      [&](std::span<const std::uint64_t> owned) {
        most = std::max(most, owned.size());
        return std::vector<std::uint8_t>(owned.size());
      },
      [](std::size_t, std::uint8_t) {}, 500);
  EXPECT_LT(most, 700);
}

TEST(RangeOf, is_monotone_and_ends_below_the_number_of_ranges) {
  EXPECT_EQ(range_of(0, 3), 0);
  EXPECT_EQ(range_of(~std::uint64_t{0}, 3), 2);
  EXPECT_EQ(range_of(std::uint64_t{1} << 63, 2), 1);
  EXPECT_EQ(range_of((std::uint64_t{1} << 63) - 1, 2), 0);
}

}  // namespace
}  // namespace farpoint::dedup
