// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/leader.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <numeric>

#include "charged_pool.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/machine.hpp"
#include "mpi_world.hpp"

namespace farpoint::select {
namespace {

using Ids = std::vector<std::uint64_t>;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// With ties, and NaN for a tenth.
double score_of(std::uint64_t id) {
  const auto draw = random_bits(8, 0, id) % 50;
  return draw < 5 ? std::nan("") : static_cast<double>(draw);
}

std::vector<std::size_t> descending_scores(const Ids& ids) {
  std::vector<std::size_t> order(ids.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const double x = score_of(ids[a]);
    const double y = score_of(ids[b]);
    return std::isnan(y) ? !std::isnan(x) : x > y;
  });
  return order;
}

/// Two loops: every record is compared with every kept one.
LeaderResult reference(const Dataset& data, const std::vector<std::size_t>& order, const LeaderOptions& options,
                       const Books& books) {
  std::vector<std::span<const float>> kept;
  for (std::size_t c = 0; c < data.curated_count(); ++c) kept.push_back(data.curated_row(c));
  const Vectors pool = data.pool();
  LeaderResult result;
  double nearest = infinity;
  const auto measure = [&](std::size_t i) {
    nearest = infinity;
    for (const auto& row : kept) nearest = std::min(nearest, canonical(options.metric, pool.row(i), row));
  };
  const auto keep = [&](std::size_t i) {
    result.ids.push_back(data.ids[i]);
    result.distances.push_back(shown_distance(options.metric, nearest));
    kept.push_back(pool.row(i));
  };
  const auto is_near = [&](std::size_t i) {
    measure(i);
    if (kept.empty()) return false;
    const bool near =
        options.metric == Metric::cosine ? nearest <= 1 - options.threshold : std::sqrt(nearest) <= options.threshold;
    if (near) ++result.near;
    return near;
  };

  Ledger ledger(books.limits);
  std::vector<bool> gone(data.ids.size(), false);
  for (const std::uint64_t id : must_keep_of(books, data.ids)) {
    const auto i = static_cast<std::size_t>(std::lower_bound(data.ids.begin(), data.ids.end(), id) - data.ids.begin());
    ledger.take_anyway(label_of(id), tokens_of(id));
    gone[i] = true;
    measure(i);
    keep(i);
  }
  reference_walk(data.ids, order, ledger, gone, is_near, keep);
  return result;
}

void expect_same(const LeaderResult& result, const LeaderResult& expected) {
  EXPECT_EQ(result.ids, expected.ids);
  EXPECT_EQ(result.near, expected.near);
  ASSERT_EQ(result.distances.size(), expected.distances.size());
  for (std::size_t i = 0; i < expected.distances.size(); ++i) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(result.distances[i]), std::bit_cast<std::uint64_t>(expected.distances[i]))
        << result.distances[i] << " and " << expected.distances[i] << " of record " << expected.ids[i];
  }
}

LeaderResult filter(const Dataset& all, const Dataset& part, const LeaderOptions& options, const Books& books) {
  const ChargesOf charged(part.ids);
  std::vector<double> scores(part.ids.size());
  std::transform(part.ids.begin(), part.ids.end(), scores.begin(), score_of);
  Ledger ledger(books.limits);
  return repr_filter(world(), part.pool(), scores, charged.charges(), part.curated, must_keep_of(books, all.ids),
                     options, ledger);
}

std::vector<double> thresholds_of(Metric metric) {
  if (metric == Metric::l2) return {0, 1.5, std::sqrt(2.0), 3};
  return {-1.5, 0, 0.3, 0.9, 1 - 1e-7, 1, 1.5};
}

class LeaderCases : public testing::TestWithParam<Case> {};

TEST_P(LeaderCases, AreFilteredAsByTheReference) {
  const Dataset data = GetParam().make();
  const auto order = descending_scores(data.ids);
  const auto ranks = world().size();
  std::uint64_t split = 0;
  for (const Books& books : all_books()) {
    for (const double threshold : thresholds_of(GetParam().options.metric)) {
      SCOPED_TRACE(testing::Message() << books.name << " at " << threshold);
      const LeaderOptions options{GetParam().options.metric, threshold};
      set_threads(1 + static_cast<int>(split % 3));
      const Dataset part = part_of(data, world().rank(), ranks, split++);
      expect_same(filter(data, part, options, books), reference(data, order, options, books));
    }
  }
}

TEST_P(LeaderCases, ArePassedOnceAsByTheReference) {
  const Dataset data = GetParam().make();
  std::vector<std::size_t> order(data.ids.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const Books books = all_books().back();
  for (const double threshold : thresholds_of(GetParam().options.metric)) {
    const LeaderOptions options{GetParam().options.metric, threshold};
    const Dataset part = part_of(data, world().rank(), world().size(), 2);
    const ChargesOf charged(part.ids);
    Ledger ledger(books.limits);
    const auto result =
        one_pass(world(), part.pool(), charged.charges(), part.curated, must_keep_of(books, data.ids), options, ledger);
    expect_same(result, reference(data, order, options, books));
  }
}

INSTANTIATE_TEST_SUITE_P(Hard, LeaderCases, testing::ValuesIn(hard_cases()),
                         [](const auto& test) { return test.param.name; });

TEST(Leader, WalksThroughManyBlocks) {
  const Dataset data = normal_data(9000, 4, 5, true);
  const auto order = descending_scores(data.ids);
  const Dataset part = part_of(data, world().rank(), world().size(), 1);
  for (const double threshold : {0.8, 0.99, 0.9999}) {
    const LeaderOptions options{Metric::cosine, threshold};
    const Books books{"", {.records = 1500, .labels = {{200, 600}, {0, 900}, {0, 900}}}};
    expect_same(filter(data, part, options, books), reference(data, order, options, books));
  }
}

TEST(Leader, KeepsCopiesOnlyWhereTheirOwnCosineIsBelowTheThreshold) {
  // Four unit vectors, all twice; rounded to float32 some are a little shorter than 1, and then their cosine to
  // themselves is, exactly, below 1.
  Dataset data = normal_data(4, 5, 3, true);
  data.rows.insert(data.rows.end(), data.rows.begin(), data.rows.end());
  data.ids = {0, 1, 2, 3, 4, 5, 6, 7};
  const Dataset part = part_of(data, world().rank(), world().size(), 0);
  Ids expected{0, 1, 2, 3};
  for (std::uint64_t id = 0; id < 4; ++id) {
    double cosine = 0;
    for (const float x : data.pool().row(id)) cosine += static_cast<double>(x) * x;
    if (cosine < 1) expected.push_back(id + 4);
  }
  Ledger ledger({});

  EXPECT_EQ(one_pass(world(), part.pool(), {}, {}, {}, {Metric::cosine, 1.0}, ledger).ids, expected);
}

TEST(Leader, RefusesWhatMakesNoSense) {
  const Dataset part = part_of(normal_data(20, 3, 1, true), world().rank(), world().size(), 0);
  const std::vector<double> too_many(part.ids.size() + 1);
  Ledger ledger({});

  EXPECT_THROW(one_pass(world(), part.pool(), {}, {}, {}, {Metric::cosine, std::nan("")}, ledger), UsageError);
  EXPECT_THROW(one_pass(world(), part.pool(), {}, {}, {}, {Metric::l2, -1.0}, ledger), UsageError);
  EXPECT_THROW(repr_filter(world(), part.pool(), too_many, {}, {}, {}, {}, ledger), Error);
}

}  // namespace
}  // namespace farpoint::select
