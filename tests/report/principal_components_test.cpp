// SPDX-License-Identifier: Apache-2.0
#include "farpoint/report/principal_components.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace farpoint::report {
namespace {

/// Directions of largest variance by power iteration and deflation on the data themselves: slow and obvious.
std::vector<std::vector<double>> axes_by_power_iteration(const std::vector<float>& rows, std::size_t dimension) {
  const auto count = rows.size() / dimension;
  std::vector<double> mean(dimension, 0.0);
  for (std::size_t i = 0; i < rows.size(); ++i) mean[i % dimension] += rows[i] / static_cast<double>(count);
  std::vector<std::vector<double>> axes;
  for (int axis = 0; axis < 2; ++axis) {
    std::vector<double> direction(dimension);
    for (std::size_t i = 0; i < dimension; ++i) direction[i] = std::cos(static_cast<double>(3 * i + 1));
    for (int step = 0; step < 2000; ++step) {
      std::vector<double> next(dimension, 0.0);
      for (std::size_t row = 0; row < count; ++row) {
        double along = 0;
        for (std::size_t i = 0; i < dimension; ++i) along += (rows[row * dimension + i] - mean[i]) * direction[i];
        for (std::size_t i = 0; i < dimension; ++i) next[i] += along * (rows[row * dimension + i] - mean[i]);
      }
      for (const auto& found : axes) {
        double along = 0;
        for (std::size_t i = 0; i < dimension; ++i) along += next[i] * found[i];
        for (std::size_t i = 0; i < dimension; ++i) next[i] -= along * found[i];
      }
      double norm = 0;
      for (const double value : next) norm += value * value;
      for (std::size_t i = 0; i < dimension; ++i) direction[i] = next[i] / std::sqrt(norm);
    }
    axes.push_back(direction);
  }
  return axes;
}

std::vector<float> stretched(std::size_t count, std::size_t dimension) {
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  std::vector<float> rows;
  for (std::size_t row = 0; row < count; ++row) {
    const float one = 5 * normal(random), other = 2 * normal(random);
    for (std::size_t i = 0; i < dimension; ++i) {
      const auto angle = static_cast<float>(i);
      rows.push_back(3 + one * std::sin(angle) + other * std::cos(2 * angle) + 0.3F * normal(random));
    }
  }
  return rows;
}

class Plane : public testing::TestWithParam<std::size_t> {};

TEST_P(Plane, is_that_of_power_iteration) {
  const auto dimension = GetParam();
  const auto rows = stretched(300, dimension);
  const auto plane = principal_plane(rows, dimension);
  const auto expected = axes_by_power_iteration(rows, dimension);
  for (std::size_t axis = 0; axis < 2; ++axis) {
    double along = 0, length = 0;
    for (std::size_t i = 0; i < dimension; ++i) {
      along += plane.axes[axis][i] * expected[axis][i];
      length += plane.axes[axis][i] * plane.axes[axis][i];
    }
    EXPECT_NEAR(std::abs(along), 1, 1e-6) << axis;
    EXPECT_NEAR(length, 1, 1e-9);
    EXPECT_GT(*std::max_element(plane.axes[axis].begin(), plane.axes[axis].end()),
              -*std::min_element(plane.axes[axis].begin(), plane.axes[axis].end()));
  }
  EXPECT_GT(plane.explained[0], plane.explained[1]);
  EXPECT_LE(plane.explained[0] + plane.explained[1], 1 + 1e-12);
}

// Below 64 dimensions all eigenvectors are computed, above only the largest.
INSTANTIATE_TEST_SUITE_P(Dimensions, Plane, testing::Values(2, 3, 17, 64, 65, 200));

TEST(Plane, projects_the_mean_to_the_origin) {
  const auto rows = stretched(50, 8);
  const auto plane = principal_plane(rows, 8);
  std::vector<float> mean(plane.mean.begin(), plane.mean.end());
  const auto at = plane.project(mean);
  EXPECT_NEAR(at[0], 0, 1e-5);
  EXPECT_NEAR(at[1], 0, 1e-5);
}

TEST(Plane, of_rows_on_a_line_has_one_axis) {
  const std::vector<float> rows{1, 1, 1, 2, 2, 2, 3, 3, 3};
  const auto plane = principal_plane(rows, 3);
  EXPECT_NEAR(plane.explained[0], 1, 1e-9);
  EXPECT_EQ(plane.explained[1], 0);
  EXPECT_EQ(plane.axes[1], (std::vector<double>{0, 0, 0}));
}

TEST(Plane, of_nothing_has_no_axes) {
  EXPECT_EQ(principal_plane({}, 3).axes[0], (std::vector<double>{0, 0, 0}));
  const std::vector<float> equal(12, 0.5F);
  EXPECT_EQ(principal_plane(equal, 3).explained[0], 0);
  EXPECT_EQ(principal_plane(std::vector<float>{1, 2, 4}, 1).explained[1], 0);
}

}  // namespace
}  // namespace farpoint::report
