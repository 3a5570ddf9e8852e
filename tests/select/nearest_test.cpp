// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/nearest.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "datasets.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/machine.hpp"
#include "farpoint/select/stored_rows.hpp"

namespace farpoint::select {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Every distance canonical, every target looked at.
std::vector<double> reference(Metric metric, const Vectors& rows, std::span<const float> targets) {
  std::vector<double> values(rows.size(), infinity);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t begin = 0; begin < targets.size(); begin += rows.dimension()) {
      values[i] = std::min(values[i], canonical(metric, rows.row(i), targets.subspan(begin, rows.dimension())));
    }
  }
  return values;
}

void expect_same_bits(const std::vector<double>& found, const std::vector<double>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(found[i]), std::bit_cast<std::uint64_t>(expected[i])) << "row " << i;
  }
}

class NearestOf : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override { data_ = GetParam().make(); }
  Metric metric() const { return GetParam().options.metric; }
  /// Every third row, so that some rows are targets themselves and others have copies or equally near ones there.
  std::vector<float> targets() const {
    std::vector<float> rows = data_.curated;
    for (std::size_t i = 0; i < data_.ids.size(); i += 3) {
      const auto row = data_.pool().row(i);
      rows.insert(rows.end(), row.begin(), row.end());
    }
    return rows;
  }
  Dataset data_;
};

TEST_P(NearestOf, IsTheLeastCanonicalValue) {
  const auto expected = reference(metric(), data_.pool(), targets());
  for (const int threads : {1, 2, 5}) {
    set_threads(threads);
    expect_same_bits(NearestTargets(metric(), targets(), data_.dimension).values(data_.pool()), expected);
  }
  set_threads(1);
}

TEST_P(NearestOf, DoesNotDependOnTheOrderOfTargets) {
  const auto expected = reference(metric(), data_.pool(), targets());
  auto backwards = targets();
  std::reverse(backwards.begin(), backwards.end());  // also the components of each row
  for (std::size_t begin = 0; begin < backwards.size(); begin += data_.dimension) {
    std::reverse(backwards.begin() + static_cast<std::ptrdiff_t>(begin),
                 backwards.begin() + static_cast<std::ptrdiff_t>(begin + data_.dimension));
  }
  expect_same_bits(NearestTargets(metric(), backwards, data_.dimension).values(data_.pool()), expected);
}

TEST_P(NearestOf, DoesNotDependOnHowRowsAreSplit) {
  const NearestTargets nearest(metric(), targets(), data_.dimension);
  const auto together = nearest.values(data_.pool());
  const std::span rows(data_.rows);
  const std::span ids(data_.ids);
  std::vector<double> apart;
  for (std::size_t begin = 0, size = 1; begin < ids.size(); begin += size, ++size) {
    size = std::min(size, ids.size() - begin);
    const auto part = nearest.values(
        {rows.subspan(begin * data_.dimension, size * data_.dimension), ids.subspan(begin, size), data_.dimension});
    apart.insert(apart.end(), part.begin(), part.end());
  }
  expect_same_bits(apart, together);
}

TEST_P(NearestOf, KnowsOneTarget) {
  const auto one = std::span(data_.rows).subspan(data_.dimension, data_.dimension);
  expect_same_bits(NearestTargets(metric(), one, data_.dimension).values(data_.pool()),
                   reference(metric(), data_.pool(), one));
}

INSTANTIATE_TEST_SUITE_P(HardData, NearestOf, testing::ValuesIn(hard_cases()),
                         [](const auto& test) { return test.param.name; });

TEST(Nearest, OfManyTargetsIsExactToo) {
  // More than one block of centres, and rows with nearly equal ones among them.
  auto data = normal_data(1500, 20, 8, true);
  auto targets = normal_data(1300, 20, 9, true).rows;
  for (std::size_t i = 0; i < 400 * data.dimension; ++i) targets.push_back(targets[i] * (1 + 1e-7F));
  expect_same_bits(NearestTargets(Metric::cosine, targets, 20).values(data.pool()),
                   reference(Metric::cosine, data.pool(), targets));
}

TEST(Nearest, ReadsRowsInHalfPrecision) {
  auto data = normal_data(200, 12, 4, false);
  StoredRows stored(Storage::bfloat16, 12);
  for (std::size_t i = 0; i < data.ids.size(); ++i) stored.append(data.pool().row(i));
  round_to(Storage::bfloat16, data.rows);
  const auto targets = normal_data(30, 12, 5, false).rows;
  expect_same_bits(NearestTargets(Metric::l2, targets, 12).values(stored.view(data.ids)),
                   reference(Metric::l2, data.pool(), targets));
}

TEST(Nearest, IsInfinitelyFarWithoutTargets) {
  const auto data = normal_data(10, 3, 1, true);
  EXPECT_EQ(NearestTargets(Metric::cosine, {}, 3).values(data.pool()), std::vector<double>(10, infinity));
  EXPECT_TRUE(NearestTargets(Metric::cosine, data.rows, 3).values({}).empty());
}

TEST(Nearest, RefusesWhatIsNoVector) {
  const auto data = normal_data(10, 3, 1, true);
  EXPECT_THROW(NearestTargets(Metric::l2, std::span(data.rows).first(4), 3), Error);
  EXPECT_THROW(NearestTargets(Metric::l2, data.rows, 0), Error);
  EXPECT_THROW(NearestTargets(Metric::l2, std::vector<float>{1, NAN, 2}, 3), Error);
  EXPECT_THROW(NearestTargets(Metric::l2, data.rows, 6).values(data.pool()), Error);
}

}  // namespace
}  // namespace farpoint::select
