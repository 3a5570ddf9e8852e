// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/distance.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "select/canonical_batch.hpp"

namespace farpoint::select {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

std::vector<float> random_row(std::size_t dimension, std::mt19937_64& random) {
  std::normal_distribution<float> normal;
  std::vector<float> row(dimension);
  for (float& component : row) component = normal(random);
  return row;
}

TEST(Canonical, SumsInIndexOrderInFloat64) {
  // In any other order the small terms would not be lost one by one.
  const std::vector<float> x{1.0F, 0x1p-27F, 0x1p-27F, 0x1p-27F, 0x1p-27F};
  const std::vector<float> y{1.0F, 0x1p-27F, 0x1p-27F, 0x1p-27F, 0x1p-27F};
  const std::vector<float> reversed_x(x.rbegin(), x.rend());

  EXPECT_EQ(canonical(Metric::cosine, x, y), 0.0);
  EXPECT_EQ(canonical(Metric::cosine, reversed_x, reversed_x), -0x1p-52);
}

TEST(Canonical, OfL2IsTheSquare) {
  const std::vector<float> x{1, 2, 3};
  const std::vector<float> y{4, 6, 3};

  EXPECT_EQ(canonical(Metric::l2, x, y), 25.0);
  EXPECT_EQ(shown_distance(Metric::l2, 25.0), 5.0);
  EXPECT_EQ(shown_distance(Metric::cosine, 25.0), 25.0);
}

TEST(Canonical, InBatchesHasTheSameBits) {
  std::mt19937_64 random(1);
  for (const std::size_t dimension : {1, 2, 7, 384, 1001}) {
    const auto x = random_row(dimension, random);
    std::vector<std::vector<float>> ys;
    std::array<const float*, canonical_lanes> pointers;
    for (auto& pointer : pointers) pointer = ys.emplace_back(random_row(dimension, random)).data();

    for (const Metric metric : {Metric::cosine, Metric::l2}) {
      const auto values = canonical_batch(metric, x, pointers);
      for (std::size_t lane = 0; lane < canonical_lanes; ++lane) {
        EXPECT_EQ(std::bit_cast<std::uint64_t>(values[lane]),
                  std::bit_cast<std::uint64_t>(canonical(metric, x, ys[lane])));
      }
    }
  }
}

TEST(Normalize, RoundsEachComponentOnce) {
  std::mt19937_64 random(2);
  for (const std::size_t dimension : {1, 3, 384}) {
    auto row = random_row(dimension, random);
    double squares = 0;
    for (const float component : row) squares += static_cast<double>(component) * static_cast<double>(component);
    std::vector<float> expected;
    for (const float component : row) expected.push_back(static_cast<float>(component / std::sqrt(squares)));

    EXPECT_TRUE(normalize(row));

    EXPECT_EQ(row, expected);
  }
}

TEST(Normalize, HandlesTheLargestAndTheSmallestNumbers) {
  std::vector<float> large{3e38F, 3e38F};
  std::vector<float> small{std::numeric_limits<float>::denorm_min(), 0};

  EXPECT_TRUE(normalize(large));
  EXPECT_TRUE(normalize(small));

  EXPECT_THAT(large, testing::Each(testing::FloatEq(std::sqrt(0.5F))));
  EXPECT_THAT(small, testing::ElementsAre(1.0F, 0.0F));
}

TEST(Normalize, LeavesRowsWithoutADirectionAlone) {
  for (const std::vector<float>& original :
       {std::vector<float>{}, {0, 0, -0.0F}, {1, nan}, {1, infinity}, {-infinity, infinity}}) {
    auto row = original;

    EXPECT_FALSE(normalize(row));

    EXPECT_EQ(row.size(), original.size());
    EXPECT_TRUE(std::equal(row.begin(), row.end(), original.begin(), [](float a, float b) {
      return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
    }));
  }
}

TEST(IsFinite, IsFalseForNanAndInfinityAnywhere) {
  EXPECT_TRUE(is_finite(std::vector<float>{}));
  EXPECT_TRUE(is_finite(std::vector<float>{0, -3e38F, 1e-45F}));
  EXPECT_FALSE(is_finite(std::vector<float>{0, 0, nan}));
  EXPECT_FALSE(is_finite(std::vector<float>{-infinity, 0}));
}

}  // namespace
}  // namespace farpoint::select
