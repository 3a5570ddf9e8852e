// SPDX-License-Identifier: Apache-2.0
// The parts of the accelerator's k-center, each against something slow and obvious.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "datasets.hpp"
#include "farpoint/base/half_float.hpp"
#include "farpoint/base/random.hpp"
#include "farpoint/comm/local.hpp"
#include "select/device_search.hpp"
#include "select/device_selection.hpp"
#include "select/device_vectors.hpp"
#include "select/k_center_on.hpp"

namespace farpoint::select {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(DeviceOrder, OfIntegersIsThatOfDoubles) {
  const std::vector<double> ascending{-infinity, -1e300, -2,        -1, -1e-300,   -5e-324, 0,     5e-324,
                                      1e-300,    0.5,    1 - 1e-16, 1,  1 + 1e-15, 2,       1e300, infinity};
  for (std::size_t i = 1; i < ascending.size(); ++i) EXPECT_LT(ordered(ascending[i - 1]), ordered(ascending[i]));
  for (const double value : ascending) EXPECT_EQ(from_ordered(ordered(value)), value);
  EXPECT_EQ(ordered(-0.0), ordered(0.0));
}

TEST(DeviceRowsView, ReadsEveryNumberOfTheNarrowStorages) {
  std::vector<std::uint16_t> all(65536);
  for (std::size_t bits = 0; bits < all.size(); ++bits) all[bits] = static_cast<std::uint16_t>(bits);
  const RowsView halves{all.data(), Storage::float16, 1};
  const RowsView bfloats{all.data(), Storage::bfloat16, 1};
  for (const std::uint16_t bits : all) {
    EXPECT_EQ(std::bit_cast<std::uint32_t>(halves.at(bits, 0)), std::bit_cast<std::uint32_t>(half_to_float(bits)));
    EXPECT_EQ(std::bit_cast<std::uint32_t>(bfloats.at(bits, 0)), std::uint32_t{bits} << 16);
  }
}

TEST(DeviceCanonicalValue, HasTheBitsOfTheDefinition) {
  for (const std::size_t dimension : {1, 7, 64, 385}) {
    const Dataset data = normal_data(20, dimension, dimension, false);
    const RowsView rows{data.rows.data(), Storage::float32, static_cast<std::uint32_t>(dimension)};
    for (const auto metric : {Metric::cosine, Metric::l2}) {
      for (std::size_t i = 0; i + 1 < 20; ++i) {
        const auto other = data.pool().row(i + 1);
        EXPECT_EQ(std::bit_cast<std::uint64_t>(canonical_value(metric, rows, i, other.data())),
                  std::bit_cast<std::uint64_t>(canonical(metric, data.pool().row(i), other)));
      }
    }
  }
}

/// Few different values, so that most are tied; some of chosen rows; numbers of centres 3 or less.
struct RowsToSelect {
  std::vector<double> bounds;
  std::vector<double> weights;
  std::vector<std::uint32_t> counts;

  explicit RowsToSelect(std::size_t rows, std::uint64_t values) {
    constexpr std::array<double, 6> special{infinity, -infinity, 0.0, -0.0, 1e-300, 1.0};
    for (std::size_t i = 0; i < rows; ++i) {
      const auto draw = random_bits(values, 0, i);
      const auto place = draw % values;
      bounds.push_back(place < special.size() ? special[place] : static_cast<double>(place) / 7 - 1);
      weights.push_back(draw / 1024 % 2 == 0 ? 1 : 0.5);
      counts.push_back(draw / 2048 % 3 == 0 ? 2 : 3);
    }
  }
};

TEST(DeviceSelection, FindsTheFirstInTheOrderOfChoice) {
  const auto accelerator = make_host_accelerator();
  for (const std::uint64_t values : {1ULL, 2ULL, 9ULL, 5000ULL, 1ULL << 40}) {
    const RowsToSelect rows(3000, values);
    for (const bool complete : {true, false}) {
      const RowFilter filter{{rows.bounds.data(), rows.weights.data()}, rows.counts.data(), 3, complete, {}};
      std::vector<std::uint32_t> expected;
      for (std::uint32_t i = 0; i < 3000; ++i) {
        if ((rows.counts[i] == 3) == complete && rows.bounds[i] != -infinity) expected.push_back(i);
      }
      std::stable_sort(expected.begin(), expected.end(), [&](std::uint32_t a, std::uint32_t b) {
        return rows.weights[a] * rows.bounds[a] > rows.weights[b] * rows.bounds[b];
      });
      DeviceSelection selection(*accelerator, 3000);
      for (const std::size_t count : {1, 2, 63, 500, 1999, 3000}) {
        RowFilter taken = filter;
        const auto first = selection.first(filter, count);
        taken.last = first.last;
        ASSERT_EQ(first.count, std::min(count, expected.size()));
        ASSERT_EQ(selection.make_list(taken, count), first.count);
        auto listed = selection.list().read(first.count);
        std::sort(listed.begin(), listed.end());
        std::vector<std::uint32_t> wanted(expected.begin(),
                                          expected.begin() + static_cast<std::ptrdiff_t>(first.count));
        std::sort(wanted.begin(), wanted.end());
        EXPECT_EQ(listed, wanted) << values << " values, " << count << " rows, complete " << complete;
      }
    }
  }
}

TEST(DeviceSelection, GoesOnBehindAPlace) {
  const auto accelerator = make_host_accelerator();
  const RowsToSelect rows(3000, 9);
  DeviceSelection selection(*accelerator, 3000);
  RowFilter current{{rows.bounds.data(), rows.weights.data()}, rows.counts.data(), 3, true, {}};
  RowFilter stale = current;
  stale.complete = false;
  stale.last = selection.first(current, 700).last;

  const auto before = selection.first(stale, 3000);
  const auto fewer = selection.first(stale, before.count / 2);

  ASSERT_GT(before.count, 2);
  EXPECT_EQ(selection.make_list(stale), before.count);
  EXPECT_EQ(fewer.count, before.count / 2);
  for (const auto row : selection.list().read(before.count)) {
    EXPECT_TRUE(Place::of(rows.weights[row] * rows.bounds[row], row).at_or_before(stale.last));
  }
}

/// Rows and centres on an accelerator.
struct Compared {
  explicit Compared(Metric metric, const Dataset& data, std::size_t centre_count)
      : screening(metric, data.dimension),
        centres(screening, data.dimension),
        accelerator(make_host_accelerator()),
        rows(*accelerator, data.pool()),
        on_device(*accelerator, centres, 0) {
    // In two goes, so that the second is appended.
    for (std::size_t c = 0; c < centre_count; ++c) {
      centres.add(data.pool().row(c), data.ids[c]);
      if (c == centre_count / 2) on_device.update();
    }
    on_device.update();
    on_device.update_labels();
    view.rows = rows.view();
    view.centres = on_device.view();
    view.count = static_cast<std::uint32_t>(data.ids.size());
    view.scale = screening.scale();
    view.end = view.centres.count;
  }

  Screening screening;
  Centres centres;
  std::unique_ptr<Accelerator> accelerator;
  DeviceRows rows;
  DeviceCentres on_device;
  ProductView view;
};

TEST(DeviceCentres, AreThoseOfTheHostHoweverTheyCame) {
  const Dataset data = normal_data(60, 5, 3, false);
  const Compared compared(Metric::l2, data, 50);
  const CentresView view = compared.view.centres;

  ASSERT_EQ(view.count, 50);
  for (std::uint32_t c = 0; c < 50; ++c) {
    const auto later = compared.centres.norms(c);
    EXPECT_EQ(view.longest[c], *std::max_element(later.begin(), later.end()));
    EXPECT_EQ(view.norms[c], compared.centres.norm(c));
    EXPECT_EQ(view.penalties[c], compared.centres.penalty(c));
    EXPECT_EQ(view.hopeful_penalties[c], compared.centres.panels().hopeful_penalties()[c]);
    EXPECT_EQ(view.labels[c], compared.centres.label(c));
    EXPECT_TRUE(std::equal(view.row(c, 5), view.row(c, 5) + 5, compared.centres.row(c)));
  }
}

/// A row whose new centres are one short and one so long that it cannot be screened.
TEST(DeviceLowerTask, TakesNoRowForExactThatAnyNewCentreMayBeNearTo) {
  Dataset data{1, {1, 2, 3, 4}, {0, 1, 1.3e18F, 0.9e18F}, {}};
  Compared compared(Metric::l2, data, 3);
  DeviceSearch search(*compared.accelerator, 4);
  const std::vector<float> norms{0, 1, std::numeric_limits<float>::infinity(), screening_norm(data.pool().row(3))};
  std::vector<double> bounds(4, 0.5e36);  // less than to the short one, more than to the long one
  std::vector<std::uint32_t> applied(4, 1), screened(4, 1);
  compared.view.applied = screened.data();
  compared.view.begin = 1;
  const LowerTask lower{
      search.fold(compared.view), {bounds.data(), applied.data(), screened.data(), norms.data()}, compared.screening};

  lower(3);

  EXPECT_EQ(screened[3], 3);
  EXPECT_EQ(applied[3], 1);
  EXPECT_GE(bounds[3], canonical(Metric::l2, data.pool().row(3), data.pool().row(2)));
}

TEST(DeviceSearch, FoldsTheSameInEverySplitOfTheCentres) {
  const Dataset data = normal_data(300, 24, 5, true);
  Compared compared(Metric::cosine, data, 200);
  DeviceSearch search(*compared.accelerator, 300);
  std::vector<std::uint32_t> applied(300);
  for (std::size_t i = 0; i < 300; ++i) applied[i] = static_cast<std::uint32_t>(random_bits(1, 0, i) % 201);
  compared.view.applied = applied.data();

  const FoldTask folded = search.fold(compared.view);

  EXPECT_GT(folded.parts, 1);
  for (std::uint32_t i = 0; i < 300; ++i) {
    TopTwo expected = empty_top();
    for (std::uint32_t c = applied[i]; c < 200; ++c) {
      fold(expected, compared.view.affinity(compared.view.product(i, c), c), c);
    }
    const TopTwo top = folded.merged(i);
    EXPECT_EQ(top.greatest, expected.greatest);
    EXPECT_EQ(top.second, expected.second);
    EXPECT_EQ(top.centre, expected.centre);
  }
}

/// Small integers.
Dataset tied_data() {
  Dataset data = normal_data(300, 9, 5, false);
  for (float& number : data.rows) number = std::round(number);
  return data;
}

/// Ten directions, with differences that single precision does not see.
Dataset nearly_tied_data() {
  Dataset data = normal_data(300, 9, 5, true);
  for (std::size_t i = 10; i < 300; ++i) {
    const auto row = std::span(data.rows).subspan(9 * i, 9);
    for (std::size_t k = 0; k < 9; ++k) row[k] = data.rows[9 * (i % 10) + k] + 1e-7F * row[k];
    normalize(row);
  }
  return data;
}

TEST(DeviceSearch, FindsTheSmallestCanonicalValueAndItsSmallestLabel) {
  for (const auto metric : {Metric::cosine, Metric::l2}) {
    Dataset data = metric == Metric::l2 ? tied_data() : nearly_tied_data();
    Compared compared(metric, data, 90);
    const std::vector<float> norms = [&] {
      std::vector<float> of_rows;
      for (std::size_t i = 0; i < 300; ++i) of_rows.push_back(screening_norm(data.pool().row(i)));
      return of_rows;
    }();
    DeviceSearch search(*compared.accelerator, 300);
    QueriesView queries{compared.view, compared.screening, norms.data()};
    std::vector<std::uint64_t> labels(300, curated_representative);

    queries = search.search(queries);
    search.label(queries, labels.data());

    for (std::uint32_t i = 0; i < 300; ++i) {
      double least = infinity;
      std::uint64_t label = curated_representative;
      for (std::size_t c = 0; c < compared.centres.count(); ++c) {
        const double value = canonical(metric, data.pool().row(i), {compared.centres.row(c), data.dimension});
        if (value < least || (value == least && compared.centres.label(c) < label)) label = compared.centres.label(c);
        least = std::min(least, value);
      }
      EXPECT_EQ(from_ordered(queries.found[i]), least);
      EXPECT_EQ(labels[i], label);
    }
  }
}

TEST(DeviceMemory, GrowsWithTheRowsAsItSays) {
  const auto measured = [](std::size_t rows) {
    Dataset data = normal_data(rows, 4, 1, true);
    data.scores.assign(rows, 0.5);
    data.labels.assign(rows, 0);
    data.barred.assign(rows, 0);
    KCenterOptions options;
    options.limits.records = 5;
    options.limits.labels = {{}};
    std::uint64_t peak = 0;
    k_center_on(make_host_accelerator(std::uint64_t{1} << 40, &peak).get(), *comm::make_local(), data.candidates(), {},
                options);
    return peak;
  };
  const auto told = [](std::uint64_t rows) { return k_center_device_memory(rows, 4, Storage::float32, 5); };

  const std::uint64_t small = measured(100000);
  const std::uint64_t large = measured(150000);

  EXPECT_LE(small, told(100000));
  EXPECT_LE(large - small, told(150000) - told(100000));
  EXPECT_GE(2 * (large - small), told(150000) - told(100000));
}

}  // namespace
}  // namespace farpoint::select
