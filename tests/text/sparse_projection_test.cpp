// SPDX-License-Identifier: Apache-2.0
#include "text/sparse_projection.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace farpoint::text {
namespace {

constexpr std::size_t dimension = 384;
constexpr std::size_t features = 3000;

std::vector<float> column(const SparseProjection& projection, std::uint32_t feature) {
  std::vector<float> row(projection.dimension());
  projection.add(feature, 1.0F, row);
  return row;
}

double product(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * double{b[i]};
  return sum;
}

TEST(SparseProjection, sets_one_sign_in_each_block) {
  const SparseProjection projection(dimension, features, 1);
  constexpr std::size_t width = dimension / SparseProjection::blocks;
  for (std::uint32_t feature = 0; feature < features; ++feature) {
    const auto row = column(projection, feature);
    for (std::size_t block = 0; block < SparseProjection::blocks; ++block) {
      double magnitude = 0;
      for (std::size_t i = 0; i < width; ++i) magnitude += std::abs(double{row[block * width + i]});
      ASSERT_EQ(magnitude, 1.0) << feature;
    }
  }
}

TEST(SparseProjection, uses_all_places_and_both_signs_evenly) {
  const SparseProjection projection(dimension, features, 1);
  std::vector<int> used(dimension);
  double signs = 0;
  for (std::uint32_t feature = 0; feature < features; ++feature) {
    const auto row = column(projection, feature);
    for (std::size_t i = 0; i < dimension; ++i) used[i] += row[i] != 0 ? 1 : 0;
    for (const float x : row) signs += double{x};
  }
  // Each place is hit 62.5 times on average; five standard deviations either way.
  EXPECT_GT(std::ranges::min(used), 23);
  EXPECT_LT(std::ranges::max(used), 102);
  EXPECT_LT(std::abs(signs), 5 * std::sqrt(8.0 * features));
}

TEST(SparseProjection, keeps_inner_products) {
  const SparseProjection projection(dimension, features, 1);
  // a and b share 100 of 200 features each: the cosine is one half.
  std::vector<float> a(dimension);
  std::vector<float> b(dimension);
  for (std::uint32_t feature = 0; feature < 300; ++feature) {
    if (feature < 200) projection.add(feature, 1.0F, a);
    if (feature >= 100) projection.add(feature, 1.0F, b);
  }
  EXPECT_NEAR(product(a, b) / std::sqrt(product(a, a) * product(b, b)), 0.5, 0.2);
}

}  // namespace
}  // namespace farpoint::text
