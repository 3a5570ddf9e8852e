// SPDX-License-Identifier: Apache-2.0
// Statistics by counting against sorting all values in one place.
#include "farpoint/select/quantiles.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "farpoint/base/error.hpp"
#include "farpoint/base/random.hpp"
#include "farpoint/comm/run.hpp"
#include "mpi_world.hpp"
#include "select/exact_sum.hpp"

namespace farpoint::select {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
const std::vector<double> levels{0.5, 0, 1, 0.9, 0.95, 0.99, 0.07, 0.9999, 0.5};

struct Sample {
  std::vector<double> values;
  std::vector<std::uint32_t> groups;
};

/// What this rank has in the split of this number; in split 1 the first rank has everything.
Sample part_of(const Sample& all, std::uint64_t split) {
  auto& comm = world();
  const auto usable = static_cast<std::uint64_t>(split == 1 ? 1 : comm.size());
  Sample part;
  for (std::size_t i = 0; i < all.values.size(); ++i) {
    if (random_bits(split, 0, i) % usable != static_cast<std::uint64_t>(comm.rank())) continue;
    part.values.push_back(all.values[i]);
    part.groups.push_back(all.groups[i]);
  }
  return part;
}

/// The correctly rounded sum: partial sums that do not overlap (Shewchuk 1997), as Python's math.fsum.
double reference_sum(std::span<const double> values) {
  std::vector<double> partials;
  for (double x : values) {
    std::vector<double> kept;
    for (double y : partials) {
      if (std::abs(x) < std::abs(y)) std::swap(x, y);
      const double high = x + y;
      const double low = y - (high - x);
      if (low != 0) kept.push_back(low);
      x = high;
    }
    kept.push_back(x);
    partials = kept;
  }
  double high = 0;
  while (!partials.empty()) {
    const double x = high;
    const double y = partials.back();
    partials.pop_back();
    high = x + y;
    const double low = y - (high - x);
    if (low == 0) continue;
    // Half-way cases are decided by what lies below.
    if (!partials.empty() && ((low < 0) == (partials.back() < 0))) {
      const double twice = low * 2;
      if (twice == (high + twice) - high) high += twice;
    }
    break;
  }
  return high;
}

GroupStatistics reference(std::vector<double> values) {
  GroupStatistics statistics;
  statistics.count = values.size();
  statistics.quantiles.assign(levels.size(), GroupStatistics::none);
  if (values.empty()) return statistics;
  std::sort(values.begin(), values.end());
  statistics.min = values.front();
  statistics.max = values.back();
  const bool is_finite = std::isfinite(values.front()) && std::isfinite(values.back());
  statistics.mean = (is_finite ? reference_sum(values) : values.front() + values.back()) /
                    (is_finite ? static_cast<double>(values.size()) : 1);
  for (std::size_t q = 0; q < levels.size(); ++q) {
    // The smallest value that at least this share does not exceed.
    std::size_t i = 0;
    while (static_cast<double>(i + 1) < levels[q] * static_cast<double>(values.size())) ++i;
    statistics.quantiles[q] = values[i];
  }
  return statistics;
}

void expect_same_number(double value, double expected, const char* what) {
  EXPECT_TRUE(value == expected || (std::isnan(value) && std::isnan(expected)))
      << what << " " << value << ", expected " << expected;
}

void expect_as_sorted(const Sample& all, std::size_t group_count) {
  std::vector<std::vector<double>> of_groups(group_count);
  for (std::size_t i = 0; i < all.values.size(); ++i) of_groups[all.groups[i]].push_back(all.values[i]);
  std::vector<GroupStatistics> expected;
  for (const auto& values : of_groups) expected.push_back(reference(values));
  for (const std::uint64_t split : {0, 1, 2}) {
    const Sample mine = part_of(all, split);
    const auto found = group_statistics(world(), mine.values, mine.groups, group_count, levels);
    ASSERT_EQ(found.size(), group_count);
    for (std::size_t group = 0; group < group_count; ++group) {
      SCOPED_TRACE(testing::Message() << "group " << group << ", split " << split);
      EXPECT_EQ(found[group].count, expected[group].count);
      expect_same_number(found[group].mean, expected[group].mean, "mean");
      expect_same_number(found[group].min, expected[group].min, "min");
      expect_same_number(found[group].max, expected[group].max, "max");
      for (std::size_t q = 0; q < levels.size(); ++q) {
        expect_same_number(found[group].quantiles[q], expected[group].quantiles[q], "quantile");
      }
    }
  }
}

Sample any_sample(std::size_t n, std::size_t group_count, const std::function<double(std::mt19937_64&)>& value) {
  std::mt19937_64 random(n);
  Sample all;
  for (std::size_t i = 0; i < n; ++i) {
    all.values.push_back(value(random));
    // Groups of very different sizes; the last ones are empty.
    const double u = static_cast<double>(random() >> 11) * 0x1p-53;
    all.groups.push_back(static_cast<std::uint32_t>(u * u * 0.9 * static_cast<double>(group_count)));
  }
  return all;
}

double normal(std::mt19937_64& random) {
  return std::normal_distribution<double>()(random);
}

TEST(GroupStatistics, EqualThoseOfSortedValues) {
  for (const std::size_t group_count : {1, 3, 200}) {
    expect_as_sorted(any_sample(20'000, group_count, normal), group_count);
  }
}

TEST(GroupStatistics, OfFewValues) {
  for (std::size_t n = 0; n < 12; ++n) expect_as_sorted(any_sample(n, 1, normal), 1);
}

TEST(GroupStatistics, OfTies) {
  expect_as_sorted(any_sample(12'000, 5, [](auto& random) { return static_cast<double>(random() % 4); }), 5);
  expect_as_sorted(any_sample(6000, 2, [](auto&) { return -0.1; }), 2);
  expect_as_sorted(any_sample(500, 2, [](auto& random) { return random() % 2 == 0 ? 0.0 : -0.0; }), 2);
}

TEST(GroupStatistics, OfNumbersOfAllSizes) {
  const auto any_size = [](std::mt19937_64& random) {
    return std::ldexp(normal(random), static_cast<int>(random() % 1900) - 1000);
  };
  const auto subnormal = [](std::mt19937_64& random) { return static_cast<double>(random() % 1000) * 5e-324; };
  const auto large = [](std::mt19937_64& random) { return random() % 3 == 0 ? 1e18 * normal(random) : normal(random); };
  expect_as_sorted(any_sample(15'000, 4, any_size), 4);
  expect_as_sorted(any_sample(300, 1, subnormal), 1);
  expect_as_sorted(any_sample(10'000, 3, large), 3);
}

TEST(GroupStatistics, OfSumsThatCancel) {
  Sample all;
  for (int i = 0; i < 600; ++i) {
    all.values.push_back((i % 2 == 0 ? 1 : -1) * std::ldexp(1.0, 40 * (i / 2 % 20)));
    all.groups.push_back(0);
  }
  all.values.push_back(0x1p-300);
  all.groups.push_back(0);

  expect_as_sorted(all, 1);
}

TEST(GroupStatistics, OfInfinities) {
  expect_as_sorted(any_sample(6000, 2, [](auto& random) { return random() % 3 == 0 ? infinity : normal(random); }), 2);
  expect_as_sorted(any_sample(300, 2, [](auto& random) { return random() % 3 == 0 ? -infinity : normal(random); }), 2);
  expect_as_sorted(any_sample(300, 1, [](auto& random) { return random() % 2 == 0 ? -infinity : infinity; }), 1);
}

TEST(GroupStatistics, WithoutGroupsAreOfAllValues) {
  const Sample all = any_sample(400, 1, normal);
  const Sample mine = part_of(all, 0);

  const auto found = group_statistics(world(), mine.values, {}, 1, levels);

  EXPECT_EQ(found.front().quantiles, reference(all.values).quantiles);
  EXPECT_EQ(found.front().mean, reference(all.values).mean);
}

TEST(GroupStatistics, OfNoGroupsAreNone) {
  EXPECT_TRUE(group_statistics(world(), {}, {}, 0, levels).empty());
}

TEST(GroupStatistics, NeedFewCollectiveCalls) {
  const Sample mine = part_of(any_sample(50'000, 100, normal), 0);
  const auto before = world().collective_calls();

  group_statistics(world(), mine.values, mine.groups, 100, std::vector<double>{0.5, 0.9, 0.95, 0.99});

  EXPECT_LE(world().collective_calls() - before, 9);
}

TEST(GroupStatistics, RefuseWhatHasNoPlace) {
  const bool is_last = world().rank() == world().size() - 1;
  const std::vector<double> values{1, is_last ? std::nan("") : 2};
  const std::vector<double> good{1, 2};
  const std::vector<std::uint32_t> groups{0, is_last ? 2U : 1U};

  EXPECT_THROW(group_statistics(world(), values, {}, 1, levels), comm::AgreedError);
  EXPECT_THROW(group_statistics(world(), good, groups, 2, levels), comm::AgreedError);
  EXPECT_THROW(group_statistics(world(), good, std::vector<std::uint32_t>(is_last ? 1 : 2), 2, levels),
               comm::AgreedError);
  EXPECT_THROW(group_statistics(world(), good, {}, 1, std::vector<double>{1.5}), UsageError);
}

TEST(ExactSum, RoundsOnce) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 2000; ++round) {
    // Few terms around a power of two: many sums lie half-way between two numbers, or just beside.
    std::vector<double> values;
    for (int i = 0; i < 4; ++i) {
      const double sign = random() % 2 == 0 ? 1 : -1;
      values.push_back(sign * std::ldexp(static_cast<double>(random() % 4), static_cast<int>(random() % 4) * 53 - 80));
    }
    ExactSum sum;
    for (const double value : values) sum.add(value);
    EXPECT_EQ(sum.mean(1), reference_sum(values)) << testing::PrintToString(values);
    sum.carry();
    EXPECT_EQ(sum.mean(1), reference_sum(values)) << testing::PrintToString(values);
  }
}

TEST(ExactSum, OfTheLargestNumbersDoesNotOverflow) {
  ExactSum sum;
  for (int i = 0; i < 1000; ++i) sum.add(std::numeric_limits<double>::max());

  EXPECT_EQ(sum.mean(1000), std::numeric_limits<double>::max());
}

}  // namespace
}  // namespace farpoint::select
