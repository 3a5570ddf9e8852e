// SPDX-License-Identifier: Apache-2.0
#include "farpoint/score/importance.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "farpoint/base/error.hpp"
#include "score/portable_log.hpp"

namespace farpoint::score {
namespace {

using Counts = std::vector<std::uint64_t>;

TEST(PortableLog, is_the_logarithm) {
  const auto check = [](double x) {
    const double expected = std::log(x);
    EXPECT_NEAR(portable_log(x), expected, std::abs(expected) * 4e-16) << x;
  };
  EXPECT_EQ(portable_log(1), 0);
  for (double x = 0x1p-53; x < 1e19; x *= 1.0137) check(x);
  for (int i = 1; i < 5000; ++i) check(i);
  // Near 1, where the logarithm nearly vanishes.
  for (double step = 0x1p-52; step < 0.5; step *= 3) {
    check(1 + step);
    check(1 - step);
  }
  check(1 - 0x1p-53);
  check(std::nextafter(std::sqrt(0.5), 0.0));
  check(std::nextafter(std::sqrt(0.5), 1.0));
}

TEST(LogRatios, follow_the_formula) {
  const Counts target{0, 3, 5, 0};
  const Counts raw{100, 0, 896, 0};
  const auto ratios = log_ratios(target, raw);
  ASSERT_EQ(ratios.size(), 4U);
  EXPECT_NEAR(ratios[0], std::log((1 / 12.0) / (101 / 1000.0)), 1e-14);
  EXPECT_NEAR(ratios[1], std::log((4 / 12.0) / (1 / 1000.0)), 1e-14);
  EXPECT_NEAR(ratios[2], std::log((6 / 12.0) / (897 / 1000.0)), 1e-14);
  EXPECT_NEAR(ratios[3], std::log((1 / 12.0) / (1 / 1000.0)), 1e-14);
}

TEST(LogRatios, are_zero_where_both_are_the_same) {
  const Counts counts{4, 0, 17, 1'000'000'007, 3};
  for (const double ratio : log_ratios(counts, counts)) EXPECT_EQ(ratio, 0);
}

TEST(LogRatios, refuse_counts_of_other_features) {
  EXPECT_THROW(log_ratios(Counts{1, 2}, Counts{1, 2, 3}), Error);
}

TEST(GumbelKey, depends_on_seed_and_id_alone) {
  EXPECT_EQ(gumbel_key(0, 3, 5), gumbel_key(0, 3, 5));
  EXPECT_NE(gumbel_key(0, 3, 5), gumbel_key(0, 3, 6));
  EXPECT_NE(gumbel_key(0, 3, 5), gumbel_key(0, 4, 5));
  EXPECT_EQ(gumbel_key(7.25, 3, 5), 7.25 + gumbel_key(0, 3, 5));
  // Whatever the machine.
  EXPECT_EQ(gumbel_key(0, 17, 0), -0x1.026860a0a42dcp+0);
  EXPECT_EQ(gumbel_key(0, 17, 123456789), 0x1.2484d4df32addp+0);
}

TEST(GumbelKey, keeps_what_is_no_weight) {
  EXPECT_TRUE(std::isnan(gumbel_key(std::numeric_limits<double>::quiet_NaN(), 1, 2)));
  EXPECT_EQ(gumbel_key(-HUGE_VAL, 1, 2), -HUGE_VAL);
}

TEST(GumbelKey, has_the_standard_gumbel_distribution) {
  constexpr std::uint64_t draws = 200'000;
  std::vector<double> keys;
  for (std::uint64_t id = 0; id < draws; ++id) keys.push_back(gumbel_key(0, 1, id));
  std::ranges::sort(keys);
  // Kolmogorov-Smirnov: the largest gap to the distribution exp(-exp(-x)); above 1.95 / sqrt(n) once in 1,000.
  double gap = 0;
  for (std::uint64_t i = 0; i < draws; ++i) {
    const double expected = std::exp(-std::exp(-keys[i]));
    gap = std::max(gap, std::abs(expected - static_cast<double>(i) / draws));
    gap = std::max(gap, std::abs(expected - static_cast<double>(i + 1) / draws));
  }
  EXPECT_LT(gap, 1.95 / std::sqrt(static_cast<double>(draws)));
}

/// Draws as the largest keys of these weights say, for many seeds.
std::map<std::vector<std::size_t>, double> frequencies(const std::vector<double>& weights, std::size_t draws,
                                                       std::uint64_t seeds) {
  std::map<std::vector<std::size_t>, double> found;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    std::vector<double> keys;
    for (std::size_t i = 0; i < weights.size(); ++i) keys.push_back(gumbel_key(std::log(weights[i]), seed, 1000 + i));
    std::vector<std::size_t> order(weights.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return keys[a] > keys[b]; });
    order.resize(draws);
    found[order] += 1.0 / static_cast<double>(seeds);
  }
  return found;
}

TEST(GumbelKey, draws_in_proportion_to_the_weights) {
  const std::vector<double> weights{1, 4, 0.5, 2.5, 12};
  constexpr std::uint64_t seeds = 100'000;
  const auto found = frequencies(weights, 1, seeds);
  const double all = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double expected = weights[i] / all;
    EXPECT_NEAR(found.at({i}), expected, 4 * std::sqrt(expected * (1 - expected) / seeds)) << i;
  }
}

TEST(GumbelKey, draws_without_replacement) {
  const std::vector<double> weights{1, 2, 5};
  constexpr std::uint64_t seeds = 100'000;
  const auto found = frequencies(weights, 2, seeds);
  EXPECT_EQ(found.size(), 6U);
  for (const auto& [pair, frequency] : found) {
    const double expected = weights[pair[0]] / 8 * weights[pair[1]] / (8 - weights[pair[0]]);
    EXPECT_NEAR(frequency, expected, 4 * std::sqrt(expected * (1 - expected) / seeds)) << pair[0] << pair[1];
  }
}

}  // namespace
}  // namespace farpoint::score
