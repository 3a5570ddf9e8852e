// SPDX-License-Identifier: Apache-2.0
// Products for screening against plain loops, with every set of instructions that this machine has.
#include "select/affinities.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace farpoint::select {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
using Rows = std::vector<std::vector<float>>;

std::vector<Instructions> all_instructions() {
  std::vector<Instructions> found{Instructions::portable};
  if (best_instructions() >= Instructions::avx2) found.push_back(Instructions::avx2);
  if (best_instructions() >= Instructions::avx512) found.push_back(Instructions::avx512);
  return found;
}

Rows normal_rows(std::size_t count, std::size_t dimension, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal;
  Rows rows(count, std::vector<float>(dimension));
  for (auto& row : rows) {
    for (float& component : row) component = normal(random);
  }
  return rows;
}

std::vector<const float*> pointers(const Rows& rows) {
  std::vector<const float*> found;
  for (const auto& row : rows) found.push_back(row.data());
  return found;
}

CentrePanels panels_of(const Rows& centres, std::size_t dimension, const std::vector<float>& penalties) {
  CentrePanels panels(dimension);
  for (std::size_t c = 0; c < centres.size(); ++c) panels.add(centres[c], penalties[c], penalties[c] / 2);
  return panels;
}

double product(const std::vector<float>& x, const std::vector<float>& y) {
  double sum = 0;
  for (std::size_t k = 0; k < x.size(); ++k) sum += double{x[k]} * double{y[k]};
  return sum;
}

/// Twice what single precision may be off by: screening_test.cpp holds the proven bound.
double tolerance(std::size_t dimension) {
  return 1e-6 * static_cast<double>(dimension);
}

class Affinities : public testing::TestWithParam<Instructions> {};

TEST_P(Affinities, AreTheGreatestFromAnyCentreOn) {
  for (const std::size_t dimension : {1, 5, 16, 100, 384}) {
    for (const std::size_t centre_count : {1, 15, 16, 17, 33, 100}) {
      const auto centres = normal_rows(centre_count, dimension, 1);
      const auto rows = normal_rows(21, dimension, 2);
      std::vector<float> penalties(centre_count);
      for (std::size_t c = 0; c < centre_count; ++c) penalties[c] = static_cast<float>(c % 7);
      const auto panels = panels_of(centres, dimension, penalties);
      for (std::size_t first = 0; first < centre_count; first += 1 + first / 2) {
        std::vector<float> found(rows.size(), 1e9F);
        greatest_affinities(panels, 2, first, pointers(rows), found, GetParam());
        for (std::size_t i = 0; i < rows.size(); ++i) {
          double expected = -infinity;
          for (std::size_t c = first; c < centre_count; ++c) {
            expected = std::max(expected, 2 * product(rows[i], centres[c]) - penalties[c]);
          }
          EXPECT_NEAR(found[i], expected, tolerance(dimension)) << dimension << ' ' << centre_count << ' ' << first;
        }
      }
    }
  }
}

TEST_P(Affinities, TwoGreatestAndTheirCentre) {
  for (const std::size_t centre_count : {1, 2, 16, 17, 50, 128}) {
    const auto centres = normal_rows(centre_count, 40, 3);
    const auto rows = normal_rows(30, 40, 4);
    std::vector<float> penalties(centre_count, 3);
    const auto panels = panels_of(centres, 40, penalties);
    std::vector<TopTwo> found(rows.size());
    two_greatest_hopeful_affinities(panels, 1, pointers(rows), found, GetParam());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::vector<std::pair<double, std::uint32_t>> all;
      for (std::uint32_t c = 0; c < centre_count; ++c) all.emplace_back(product(rows[i], centres[c]) - 1.5, c);
      std::sort(all.rbegin(), all.rend());
      EXPECT_EQ(found[i].centre, all[0].second);
      EXPECT_NEAR(found[i].greatest, all[0].first, tolerance(40));
      if (centre_count == 1) {
        EXPECT_EQ(found[i].second, -infinity);
      } else {
        EXPECT_NEAR(found[i].second, all[1].first, tolerance(40));
      }
    }
  }
}

TEST_P(Affinities, OfEqualCentresAreBothGreatest) {
  const auto centre = normal_rows(1, 24, 5)[0];
  for (const std::size_t other : {1, 15, 16, 40}) {
    Rows centres(other + 1, std::vector<float>(24, 0.0F));
    centres[0] = centres[other] = centre;
    const auto panels = panels_of(centres, 24, std::vector<float>(centres.size(), 0));
    std::vector<TopTwo> found(1);
    two_greatest_hopeful_affinities(panels, 1, pointers({centre}), found, GetParam());
    EXPECT_EQ(found[0].greatest, found[0].second);
    EXPECT_TRUE(found[0].centre == 0 || found[0].centre == other);
  }
}

TEST_P(Affinities, CentresThatMustNotBeScreenedLose) {
  Rows centres = normal_rows(20, 8, 6);
  std::vector<float> penalties(20, 0);
  centres[3].assign(8, 1e30F);  // products overflow to infinity, or to NaN with the penalty
  penalties[3] = infinity;
  const auto rows = normal_rows(9, 8, 7);
  const auto panels = panels_of(centres, 8, penalties);
  std::vector<float> found(rows.size());
  std::vector<TopTwo> two(rows.size());
  greatest_affinities(panels, 1e30F, 0, pointers(rows), found, GetParam());
  two_greatest_hopeful_affinities(panels, 1, pointers(rows), two, GetParam());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_TRUE(std::isfinite(found[i]));
    EXPECT_NE(two[i].centre, 3U);
    EXPECT_TRUE(std::isfinite(two[i].greatest) && std::isfinite(two[i].second));
  }
}

TEST_P(Affinities, ProductsWithOneVector) {
  for (const std::size_t dimension : {1, 15, 16, 17, 384}) {
    for (const std::size_t count : {0, 1, 3, 4, 5, 30}) {
      const auto rows = normal_rows(count, dimension, 8);
      const auto vector = normal_rows(1, dimension, 9)[0];
      std::vector<float> found(count, 1e9F);
      products_with(vector, pointers(rows), found, GetParam());
      for (std::size_t i = 0; i < count; ++i) EXPECT_NEAR(found[i], product(rows[i], vector), tolerance(dimension));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(OnThisMachine, Affinities, testing::ValuesIn(all_instructions()));

}  // namespace
}  // namespace farpoint::select
