// SPDX-License-Identifier: Apache-2.0
#include "farpoint/dedup/minhash.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "farpoint/base/error.hpp"
#include "farpoint/base/random.hpp"

namespace farpoint::dedup {
namespace {

using Hashes = std::vector<std::uint64_t>;

std::vector<Instructions> usable_instructions() {
  std::vector<Instructions> usable;
  for (const auto kind : {Instructions::portable, Instructions::avx2, Instructions::avx512}) {
    if (kind <= best_instructions()) usable.push_back(kind);
  }
  return usable;
}

/// `shared` hashes that both have, and `own` ones of each.
std::pair<Hashes, Hashes> two_sets(std::uint64_t trial, std::size_t shared, std::size_t own) {
  std::pair<Hashes, Hashes> sets;
  for (std::uint64_t i = 0; i < shared; ++i) {
    sets.first.push_back(random_bits(1, trial, i));
    sets.second.push_back(random_bits(1, trial, i));
  }
  for (std::uint64_t i = 0; i < own; ++i) {
    sets.first.push_back(random_bits(2, trial, i));
    sets.second.push_back(random_bits(3, trial, i));
  }
  return sets;
}

double estimated(const MinHash& minhash, const std::pair<Hashes, Hashes>& sets) {
  const auto a = minhash.minima(sets.first);
  const auto b = minhash.minima(sets.second);
  std::size_t equal = 0;
  for (std::size_t i = 0; i < a.size(); ++i) equal += a[i] == b[i] ? 1 : 0;
  return static_cast<double>(equal) / static_cast<double>(a.size());
}

TEST(MinHash, HasTheSameBitsOnEveryProcessor) {
  for (const Banding& banding : {Banding{1, 1}, Banding{18, 7}, Banding{9, 13}, Banding{64, 2}, Banding{20, 13}}) {
    const MinHash portable(banding, Instructions::portable);
    for (std::uint64_t size : {1, 2, 3, 17, 500}) {
      const auto [set, other] = two_sets(size, size, 0);
      Hashes expected(banding.bands);
      portable.bands(set, expected);
      for (const Instructions kind : usable_instructions()) {
        Hashes bands(banding.bands);
        MinHash(banding, kind).bands(set, bands);
        EXPECT_EQ(bands, expected);
        EXPECT_EQ(MinHash(banding, kind).minima(set), portable.minima(set));
      }
    }
  }
}

TEST(MinHash, DoesNotSeeOrderNorRepetition) {
  const MinHash minhash({18, 7});
  auto [set, other] = two_sets(5, 300, 0);
  const auto expected = minhash.minima(set);
  std::reverse(set.begin(), set.end());
  set.insert(set.end(), other.begin(), other.begin() + 100);
  EXPECT_EQ(minhash.minima(set), expected);
}

// Agreements of independent permutations are binomial: k permutations have a variance of j (1 - j) / k around the
// similarity. Over 4000 pairs the mean may be off by four standard errors, and the variance by a fifth.
TEST(MinHash, EstimatesLikeIndependentPermutations) {
  const MinHash minhash({128, 1});
  for (const std::size_t size : {3U, 20U, 200U, 2000U}) {
    for (const double wanted : {0.1, 0.5, 0.8, 0.95}) {
      const auto shared = static_cast<std::size_t>(std::round(2 * wanted / (1 + wanted) * static_cast<double>(size)));
      const std::size_t own = size - shared;
      const double truth = static_cast<double>(shared) / static_cast<double>(shared + 2 * own);
      const std::uint64_t trials = size > 1000 ? 1000 : 4000;
      double sum = 0;
      double squares = 0;
      for (std::uint64_t trial = 0; trial < trials; ++trial) {
        const double error = estimated(minhash, two_sets(trial * 10'000 + size, shared, own)) - truth;
        sum += error;
        squares += error * error;
      }
      const double variance = truth * (1 - truth) / 128;
      const auto count = static_cast<double>(trials);
      EXPECT_LE(std::abs(sum / count), 4 * std::sqrt(variance / count)) << size << " at " << truth;
      if (variance == 0) continue;
      EXPECT_NEAR(squares / count / variance, 1, size > 1000 ? 0.3 : 0.2) << size << " at " << truth;
    }
  }
}

// Hashes that are no random numbers at all, such as consecutive ones, are mixed enough.
TEST(MinHash, EstimatesSetsOfConsecutiveNumbers) {
  const MinHash minhash({128, 1});
  double sum = 0;
  constexpr std::uint64_t trials = 1000;
  for (std::uint64_t trial = 0; trial < trials; ++trial) {
    std::pair<Hashes, Hashes> sets;
    for (std::uint64_t i = 0; i < 90; ++i) sets.first.push_back(trial * 1000 + i);
    for (std::uint64_t i = 30; i < 120; ++i) sets.second.push_back(trial * 1000 + i);
    sum += estimated(minhash, sets);
  }
  EXPECT_NEAR(sum / trials, 0.5, 4 * std::sqrt(0.25 / 128 / trials));
}

TEST(Banding, FindsWhatItPromisesWithTheMostRows) {
  for (int percent = 5; percent <= 100; ++percent) {
    const double threshold = percent / 100.0;
    const Banding banding = banding_for(threshold);
    EXPECT_LE(banding.bands * banding.rows, 128U);
    EXPECT_GE(banding.probability(threshold), found_at_threshold) << threshold;
    EXPECT_GE(banding.probability(std::min(threshold + 0.05, 1.0)), found_above_threshold) << threshold;
    for (std::size_t rows = banding.rows + 1; rows <= 128; ++rows) {
      const Banding greedier{128 / rows, rows};
      EXPECT_TRUE(greedier.probability(threshold) < found_at_threshold ||
                  greedier.probability(std::min(threshold + 0.05, 1.0)) < found_above_threshold);
    }
  }
}

TEST(Banding, HasTheNumbersOfTheHeader) {
  const Banding banding = banding_for(0.8);
  EXPECT_EQ(banding.bands, 18U);
  EXPECT_EQ(banding.rows, 7U);
  EXPECT_NEAR(banding.probability(0.5), 0.132, 0.0006);
  EXPECT_NEAR(banding.probability(0.7), 0.787, 0.0006);
  EXPECT_NEAR(banding.probability(0.8), 0.986, 0.0006);
  EXPECT_NEAR(banding.probability(0.85), 0.999, 0.0006);
  EXPECT_EQ(banding.probability(1), 1);
}

// Planted pairs at the threshold: a band of both agrees about as often as the formula says.
TEST(Banding, FindsPairsAsOftenAsItSays) {
  const Banding banding = banding_for(0.8);
  const MinHash minhash(banding);
  for (const std::size_t own : {8U, 20U, 40U}) {
    const double truth = 160.0 / (160.0 + 2 * static_cast<double>(own));
    constexpr std::uint64_t trials = 4000;
    std::uint64_t found = 0;
    for (std::uint64_t trial = 0; trial < trials; ++trial) {
      const auto [a, b] = two_sets(trial * 100 + own, 160, own);
      Hashes x(banding.bands);
      Hashes y(banding.bands);
      minhash.bands(a, x);
      minhash.bands(b, y);
      bool shares = false;
      for (std::size_t band = 0; band < banding.bands; ++band) shares = shares || x[band] == y[band];
      found += shares ? 1 : 0;
    }
    const double p = banding.probability(truth);
    EXPECT_NEAR(static_cast<double>(found) / trials, p, 4 * std::sqrt(p * (1 - p) / trials) + 1.0 / trials) << truth;
  }
}

TEST(Banding, RefusesWhatMakesNoSense) {
  EXPECT_THROW(banding_for(0), UsageError);
  EXPECT_THROW(banding_for(1.01), UsageError);
  EXPECT_THROW(banding_for(std::nan("")), UsageError);
  EXPECT_THROW(banding_for(0.8, 0), UsageError);
  EXPECT_THROW(banding_for(0.01), UsageError);
  EXPECT_THROW(MinHash({0, 3}), UsageError);
  EXPECT_EQ(banding_for(1).rows, 128U);
}

}  // namespace
}  // namespace farpoint::dedup
