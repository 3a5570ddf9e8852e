// SPDX-License-Identifier: Apache-2.0
#include "farpoint/report/bins.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace farpoint::report {
namespace {

/// The place of a number by looking at one bin after the other.
std::size_t place_by_walking(const Bins& bins, double value) {
  if (value < bins.edges.front()) return 0;
  for (std::size_t bin = 0; bin < bins.size(); ++bin) {
    const bool last = bin + 1 == bins.size();
    if (value < bins.edges[bin + 1] || (last && value == bins.edges.back())) return bin + 1;
  }
  return bins.size() + 1;
}

RC_GTEST_PROP(Bins, ascend_and_hold_what_they_are_made_for, ()) {
  const bool whole = *rc::gen::arbitrary<bool>();
  auto values = *rc::gen::nonEmpty(rc::gen::container<std::vector<double>>(
      rc::gen::map(rc::gen::inRange(-100'000, 1'000'000), [&](int n) { return whole ? n : n / 1024.0; })));
  std::sort(values.begin(), values.end());
  const auto quantile = [&](double share) {
    return values[static_cast<std::size_t>(share * double(values.size() - 1))];
  };
  const auto bins = make_bins({values.front(), quantile(0.1), quantile(0.9), values.back(), whole});
  RC_ASSERT(bins.size() >= 1);
  RC_ASSERT(bins.size() <= 200);
  RC_ASSERT(std::adjacent_find(bins.edges.begin(), bins.edges.end(), std::greater_equal<>()) == bins.edges.end());
  // What lies between the quantiles is never left out.
  for (const double value : values) {
    const auto place = bins.place_of(value);
    RC_ASSERT(place == place_by_walking(bins, value));
    if (value >= quantile(0.1) && value <= quantile(0.9)) RC_ASSERT(place >= 1 && place <= bins.size());
  }
}

TEST(Bins, of_equal_numbers_are_one) {
  const auto whole = make_bins({7, 7, 7, 7, true});
  EXPECT_EQ(whole.edges, (std::vector<double>{7, 8}));
  const auto fraction = make_bins({0.5, 0.5, 0.5, 0.5, false});
  EXPECT_EQ(fraction.size(), 1U);
  EXPECT_EQ(fraction.place_of(0.5), 1U);
  EXPECT_EQ(make_bins({0, 0, 0, 0, false}).place_of(0), 1U);
}

TEST(Bins, of_few_whole_numbers_are_one_for_each) {
  const auto bins = make_bins({0, 0, 5, 5, true});
  EXPECT_EQ(bins.edges, (std::vector<double>{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(bins.place_of(5), 6U);
}

TEST(Bins, are_logarithmic_for_lengths) {
  const auto bins = make_bins({12, 30, 4000, 200'000, true});
  EXPECT_TRUE(bins.logarithmic);
  EXPECT_EQ(bins.place_of(12), 1U);
  EXPECT_EQ(bins.place_of(200'000), bins.size());
  for (const double edge : bins.edges) EXPECT_EQ(edge, std::floor(edge));
}

TEST(Bins, leave_out_what_is_far_out_on_a_linear_scale) {
  const auto bins = make_bins({-1e9, 0, 1, 1e9, false});
  EXPECT_FALSE(bins.logarithmic);
  EXPECT_EQ(bins.place_of(-1e9), 0U);
  EXPECT_EQ(bins.place_of(1e9), bins.size() + 1);
  EXPECT_LE(bins.edges.back(), 1.1);
}

TEST(Bins, keep_all_numbers_where_none_is_far_out) {
  const auto bins = make_bins({0, 0.01, 0.99, 1, false});
  EXPECT_EQ(bins.edges.front(), 0);
  EXPECT_EQ(bins.place_of(0), 1U);
  EXPECT_EQ(bins.place_of(1), bins.size());
}

TEST(Bins, of_huge_numbers_still_ascend) {
  const auto bins = make_bins({1e300, 1e300, 1.0000000000000002e300, 1.0000000000000002e300, false});
  EXPECT_EQ(bins.place_of(1e300), 1U);
}

}  // namespace
}  // namespace farpoint::report
