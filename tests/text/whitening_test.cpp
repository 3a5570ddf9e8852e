// SPDX-License-Identifier: Apache-2.0
#include "farpoint/text/whitening.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "farpoint/base/error.hpp"
#include "farpoint/base/random.hpp"

namespace farpoint::text {
namespace {

using Rows = std::vector<std::vector<float>>;

float uniform(std::uint64_t stream, std::uint64_t counter) {
  return static_cast<float>(static_cast<double>(random_bits(7, stream, counter)) * 0x1p-63 - 1);
}

/// Components of falling size, so that no two principal components are alike.
Rows some_rows(std::size_t count, std::size_t dimension) {
  Rows rows(count, std::vector<float>(dimension));
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < dimension; ++k) {
      rows[i][k] = uniform(k, i) / static_cast<float>(k + 1) + (k > 0 ? rows[i][k - 1] / 3 : 0.0F);
    }
  }
  return rows;
}

std::vector<std::uint64_t> sums_of(const Rows& rows, std::size_t dimension) {
  SecondMoments moments(dimension);
  for (const auto& row : rows) moments.add(row);
  return moments.sums();
}

/// As the header defines them.
std::vector<std::uint64_t> reference_sums(const Rows& rows, std::size_t dimension) {
  std::vector<std::uint64_t> sums(1 + dimension * (dimension + 1) / 2);
  for (const auto& row : rows) {
    double squared = 0;
    for (const float x : row) squared += double{x} * double{x};
    if (squared == 0 || !std::isfinite(squared)) continue;
    std::vector<std::int64_t> rounded;
    for (const float x : row) rounded.push_back(std::llrint(x * (512 / std::sqrt(squared))));
    ++sums[0];
    std::size_t at = 1;
    for (std::size_t i = 0; i < dimension; ++i) {
      for (std::size_t j = 0; j <= i; ++j) sums[at++] += static_cast<std::uint64_t>(rounded[i] * rounded[j]);
    }
  }
  return sums;
}

TEST(SecondMoments, are_exact_for_any_number_of_vectors) {
  for (const std::size_t count : {0UL, 1UL, 63UL, 64UL, 65UL, 1000UL}) {
    const auto rows = some_rows(count, 20);
    EXPECT_EQ(sums_of(rows, 20), reference_sums(rows, 20)) << count;
  }
}

TEST(SecondMoments, are_exact_where_all_vectors_add_up_in_one_place) {
  const Rows rows(500, std::vector<float>{0, -3, 0});
  EXPECT_EQ(sums_of(rows, 3), reference_sums(rows, 3));
}

TEST(SecondMoments, leave_out_vectors_without_direction) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  const auto sums = sums_of({{0, 0}, {nan, 1}, {infinity, 1}, {3, 4}}, 2);
  EXPECT_EQ(sums[0], 1U);
  EXPECT_EQ(sums, sums_of({{3, 4}}, 2));
}

RC_GTEST_PROP(SecondMoments, add_up_over_any_split_and_order, ()) {
  auto rows = some_rows(*rc::gen::inRange<std::size_t>(0, 200), 9);
  const auto all = sums_of(rows, 9);
  std::rotate(rows.begin(),
              rows.begin() + static_cast<std::ptrdiff_t>(*rc::gen::inRange<std::size_t>(0, rows.size() + 1)),
              rows.end());
  const auto cut = rows.begin() + static_cast<std::ptrdiff_t>(*rc::gen::inRange<std::size_t>(0, rows.size() + 1));
  auto parts = sums_of({rows.begin(), cut}, 9);
  const auto rest = sums_of({cut, rows.end()}, 9);
  std::transform(parts.begin(), parts.end(), rest.begin(), parts.begin(), std::plus<>());
  RC_ASSERT(parts == all);
}

/// The second moment of two components of the mapped directions.
double moment(const Rows& rows, const std::vector<float>& map, std::size_t to, std::size_t a, std::size_t b) {
  double sum = 0;
  for (const auto& row : rows) {
    double length = 0, x = 0, y = 0;
    for (std::size_t k = 0; k < row.size(); ++k) {
      length += double{row[k]} * double{row[k]};
      x += double{row[k]} * double{map[k * to + a]};
      y += double{row[k]} * double{map[k * to + b]};
    }
    sum += x * y / length;
  }
  return sum / static_cast<double>(rows.size());
}

TEST(HalfWhitening, leaves_the_square_roots_of_the_moments_and_no_correlation) {
  constexpr std::size_t dimension = 12;
  const auto rows = some_rows(20'000, dimension);
  const auto sums = sums_of(rows, dimension);
  const auto map = half_whitening(dimension, dimension, sums);

  // Before the map the moments of unit vectors are the eigenvalues over the dimension, as these are 1 on average; after
  // it, their square roots over the dimension.
  double trace = 0;
  double last = std::numeric_limits<double>::infinity();
  for (std::size_t a = 0; a < dimension; ++a) {
    const double own = moment(rows, map, dimension, a, a) * dimension;
    EXPECT_LT(own, last * 1.01) << "components come in falling order";
    last = own;
    trace += own * own;
    for (std::size_t b = 0; b < a; ++b) EXPECT_NEAR(moment(rows, map, dimension, a, b), 0, 1e-3) << a << ' ' << b;
  }
  EXPECT_NEAR(trace, dimension, 0.1);
}

TEST(HalfWhitening, keeps_the_components_with_the_largest_moments) {
  const auto rows = some_rows(3'000, 12);
  const auto sums = sums_of(rows, 12);
  const auto all = half_whitening(12, 12, sums);
  const auto some = half_whitening(12, 5, sums);
  for (std::size_t i = 0; i < 12; ++i) {
    for (std::size_t j = 0; j < 5; ++j) EXPECT_EQ(some[i * 5 + j], all[i * 12 + j]);
  }
}

TEST(HalfWhitening, of_few_vectors_nearly_keeps_angles) {
  const auto map = half_whitening(40, 40, sums_of({std::vector<float>(40, 1.0F)}, 40));
  const LinearMap linear(40, 40, map);
  const auto rows = some_rows(2, 40);
  std::vector<float> a(40), b(40);
  linear.apply(rows[0], a);
  linear.apply(rows[1], b);
  const auto cosine = [](const std::vector<float>& x, const std::vector<float>& y) {
    double xy = 0, xx = 0, yy = 0;
    for (std::size_t k = 0; k < x.size(); ++k) {
      xy += double{x[k]} * double{y[k]}, xx += double{x[k]} * double{x[k]}, yy += double{y[k]} * double{y[k]};
    }
    return xy / std::sqrt(xx * yy);
  };
  EXPECT_NEAR(cosine(a, b), cosine(rows[0], rows[1]), 0.1);
}

TEST(HalfWhitening, of_nothing_is_a_map_all_the_same) {
  const auto map = half_whitening(6, 3, sums_of({}, 6));
  EXPECT_TRUE(std::ranges::all_of(map, [](float x) { return std::isfinite(x); }));
  EXPECT_EQ(std::ranges::count_if(map, [](float x) { return x != 0; }), 3);
}

TEST(HalfWhitening, refuses_sums_of_another_size) {
  EXPECT_THROW(half_whitening(6, 3, std::vector<std::uint64_t>(21)), Error);
  EXPECT_THROW(half_whitening(6, 7, std::vector<std::uint64_t>(22)), Error);
  EXPECT_THROW(half_whitening(6, 0, std::vector<std::uint64_t>(22)), Error);
}

TEST(LinearMap, gives_the_bits_of_the_plain_loop) {
  for (const auto& [from, to] : {std::pair{1UL, 1UL}, {7UL, 3UL}, {50UL, 32UL}, {33UL, 100UL}, {96UL, 384UL}}) {
    std::vector<float> matrix(from * to);
    for (std::size_t i = 0; i < matrix.size(); ++i) matrix[i] = uniform(1, i);
    const LinearMap map(from, to, matrix);
    for (std::size_t count = 0; count < 10; ++count) {
      std::vector<float> rows(count * from), expected(count * to), found(count * to, 1e9F);
      for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = uniform(2, i);
      for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t k = 0; k < from; ++k) {
          for (std::size_t j = 0; j < to; ++j) expected[i * to + j] += rows[i * from + k] * matrix[k * to + j];
        }
      }
      map.apply(rows, found);
      EXPECT_EQ(found, expected) << from << " to " << to << ", " << count << " rows";
    }
  }
}

TEST(LinearMap, refuses_a_matrix_of_another_size) {
  EXPECT_THROW(LinearMap(3, 2, std::vector<float>(5)), Error);
}

}  // namespace
}  // namespace farpoint::text
