// SPDX-License-Identifier: Apache-2.0
// The error bound against float64 truth, on data made to round badly.
#include "select/screening.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "select/blas.hpp"

namespace farpoint::select {
namespace {

using Row = std::vector<float>;

float by_blas(const Row& x, const Row& y, float scale) {
  float out = 0;
  products(scale, x.data(), 1, y.data(), 1, x.size(), &out);
  return out;
}

float one_by_one(const Row& x, const Row& y, float scale) {
  float sum = 0;
  for (std::size_t k = 0; k < x.size(); ++k) sum += x[k] * y[k];
  return scale * sum;
}

float backwards_and_fused(const Row& x, const Row& y, float scale) {
  float sum = 0;
  for (std::size_t k = x.size(); k-- > 0;) sum = std::fma(x[k], y[k], sum);
  return scale * sum;
}

void expect_bounds_hold(Metric metric, const Row& x, const Row& y) {
  const Screening screening(metric, x.size());
  const float x_norm = screening_norm(x);
  const float y_norm = screening_norm(y);
  const double truth = canonical(metric, x, y);
  for (const auto product : {by_blas, one_by_one, backwards_and_fused}) {
    const float affinity = product(x, y, screening.scale()) - screening.penalty(y_norm);
    EXPECT_GE(screening.upper(x_norm, affinity), truth);
    EXPECT_LE(screening.lower(x_norm, y_norm, affinity), truth);
    const float hopeful = product(x, y, screening.scale()) - screening.hopeful_penalty(y_norm);
    EXPECT_GE(screening.hopeful_upper(x_norm, y_norm, hopeful), truth);
    EXPECT_LE(screening.hopeful_lower(x_norm, hopeful), truth);
  }
}

void expect_bounds_hold(const Row& x, const Row& y) {
  expect_bounds_hold(Metric::cosine, x, y);
  expect_bounds_hold(Metric::l2, x, y);
}

Row normal_row(std::size_t dimension, float scale, std::mt19937_64& random) {
  std::normal_distribution<float> normal;
  Row row(dimension);
  for (float& component : row) component = scale * normal(random);
  return row;
}

TEST(Screening, BoundsRandomPairsOfAllLengths) {
  std::mt19937_64 random(1);
  for (const std::size_t dimension : {1, 2, 3, 17, 384, 1000, 5000}) {
    for (const float scale : {1e-30F, 1e-8F, 1.0F, 1e6F, 1e15F}) {
      const Row x = normal_row(dimension, scale, random);
      expect_bounds_hold(x, normal_row(dimension, scale, random));
      expect_bounds_hold(x, normal_row(dimension, 1, random));
      expect_bounds_hold(x, x);
    }
  }
}

TEST(Screening, BoundsSumsWhoseRoundingsAllGoOneWay) {
  // Equal components: the sum grows steadily, and every addition rounds to the same side for long stretches.
  for (const std::size_t dimension : {3, 100, 4096, 100'000}) {
    for (const float component : {0.1F, 1 / 3.0F, 0.7F, 1 + 0x1p-23F}) {
      const Row x(dimension, component);
      expect_bounds_hold(x, x);
      Row y = x;
      y.front() = std::nextafter(component, 0.0F);
      expect_bounds_hold(x, y);
    }
  }
}

TEST(Screening, BoundsNearCopiesAndCancellation) {
  std::mt19937_64 random(2);
  for (int repeat = 0; repeat < 200; ++repeat) {
    const Row x = normal_row(64, 1, random);
    Row near = x;
    for (float& component : near) component = std::nextafter(component, 2 * component);
    Row opposite = x;
    for (std::size_t k = 0; k < 32; ++k) opposite[k] = -opposite[k];
    expect_bounds_hold(x, near);
    expect_bounds_hold(x, opposite);
  }
}

TEST(Screening, BoundsSubnormals) {
  const Row tiny(50, 3e-45F);
  const Row small(50, 1e-38F);
  const Row zero(50, 0);
  for (const auto& x : {tiny, small, zero}) {
    for (const auto& y : {tiny, small, zero, Row(50, 1.0F)}) expect_bounds_hold(Metric::l2, x, y);
  }
}

TEST(Screening, IsTightForUnitVectors) {
  std::mt19937_64 random(3);
  Row x = normal_row(384, 1, random);
  normalize(x);
  const float norm = screening_norm(x);
  const Screening screening(Metric::cosine, 384);

  // 1.2e-4 would be d * 2^-23 * 2.6: a bound wider than this one would rule out far less.
  EXPECT_LT(screening.upper(norm, 0.5F) - screening.lower(norm, norm, 0.5F), 6e-5);
}

TEST(Screening, SaysNothingOfVectorsWhoseProductsMayOverflow) {
  const Screening screening(Metric::l2, 2);
  const float norm = screening_norm(Row{1e19F, 1e19F});

  EXPECT_TRUE(std::isinf(norm));
  EXPECT_TRUE(std::isfinite(screening_norm(Row{1e17F, 1e17F})));
  for (const float product : {0.0F, std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()}) {
    EXPECT_FALSE(screening.lower(1, norm, product - screening.penalty(norm)) > std::numeric_limits<double>::lowest());
    EXPECT_FALSE(screening.lower(norm, 1, product - screening.penalty(1)) > std::numeric_limits<double>::lowest());
  }
  EXPECT_TRUE(std::isinf(screening_norm(Row{std::numeric_limits<float>::quiet_NaN()})));
}

}  // namespace
}  // namespace farpoint::select
