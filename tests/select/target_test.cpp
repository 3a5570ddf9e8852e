// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/target.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "charged_pool.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/machine.hpp"
#include "mpi_world.hpp"

namespace farpoint::select {
namespace {

/// The turns as they are defined: every target looks at every record, every time.
TargetedResult reference(const Dataset& data, const Dataset& targets, Metric metric, const Books& books) {
  const std::size_t n = data.ids.size();
  std::vector<std::vector<double>> values(targets.ids.size(), std::vector<double>(n));
  for (std::size_t t = 0; t < values.size(); ++t) {
    for (std::size_t i = 0; i < n; ++i) values[t][i] = canonical(metric, data.pool().row(i), targets.pool().row(t));
  }
  Ledger ledger(books.limits);
  std::vector<bool> used(n, false);
  TargetedResult result;
  for (const std::uint64_t id : must_keep_of(books, data.ids)) {
    ledger.take_anyway(label_of(id), tokens_of(id));
    used[static_cast<std::size_t>(std::lower_bound(data.ids.begin(), data.ids.end(), id) - data.ids.begin())] = true;
    result.ids.push_back(id);
    result.targets.push_back(no_target);
    result.distances.push_back(std::nan(""));
  }
  for (std::size_t t = 0; !ledger.is_full();) {
    std::size_t best = n;
    for (std::size_t i = 0; i < n; ++i) {
      if (used[i] || !ledger.is_open(label_of(data.ids[i]))) continue;
      if (best == n || values[t][i] < values[t][best]) best = i;
    }
    if (best == n && ledger.minima_met()) break;
    if (best == n) {
      ledger.give_up_minima();
      continue;
    }
    if (!ledger.take(label_of(data.ids[best]), tokens_of(data.ids[best]))) break;
    used[best] = true;
    result.ids.push_back(data.ids[best]);
    result.targets.push_back(targets.ids[t]);
    result.distances.push_back(shown_distance(metric, values[t][best]));
    t = (t + 1) % targets.ids.size();
  }
  return result;
}

void expect_same(const TargetedResult& result, const TargetedResult& expected) {
  EXPECT_EQ(result.ids, expected.ids);
  EXPECT_EQ(result.targets, expected.targets);
  EXPECT_THAT(result.distances, testing::Pointwise(testing::NanSensitiveDoubleEq(), expected.distances));
}

TargetedResult choose(const Dataset& data, const Dataset& targets, Metric metric, const Books& books,
                      std::uint64_t split) {
  const int rank = world().rank();
  const int ranks = world().size();
  const Dataset part = part_of(data, rank, ranks, split);
  const Dataset target_part = part_of(targets, rank, ranks, split + 1);
  const ChargesOf charged(part.ids);
  Ledger ledger(books.limits);
  return choose_for_targets(world(), part.pool(), target_part.pool(), charged.charges(), must_keep_of(books, data.ids),
                            metric, ledger);
}

/// Records as targets, some of them twice, and some that are near them.
Dataset targets_of(const Dataset& data, std::size_t count) {
  Dataset targets{data.dimension, {}, {}, {}};
  for (std::size_t t = 0; t < count; ++t) {
    const auto row = data.pool().row(t * t % data.ids.size() / 2);
    targets.rows.insert(targets.rows.end(), row.begin(), row.end());
    if (t % 3 == 2) targets.rows.back() *= 1.0001F;
    targets.ids.push_back(5 * t + 1);
  }
  return targets;
}

/// Integer points: many records are equally far from a target.
Dataset grid(std::size_t n, std::size_t dimension, std::uint64_t side) {
  Dataset data{dimension, {}, {}, {}};
  for (std::size_t i = 0; i < n * dimension; ++i) data.rows.push_back(static_cast<float>(random_bits(3, 3, i) % side));
  for (std::size_t i = 0; i < n; ++i) data.ids.push_back(2 * i);
  return data;
}

class TargetCases : public testing::TestWithParam<Case> {};

TEST_P(TargetCases, AreChosenAsByTheReference) {
  const Dataset data = GetParam().make();
  std::uint64_t split = 0;
  for (const std::size_t count : {1, 2, 11}) {
    const Dataset targets = targets_of(data, count);
    for (const Books& books : all_books()) {
      SCOPED_TRACE(testing::Message() << books.name << " with " << count << " targets");
      set_threads(1 + static_cast<int>(split % 3));
      const Metric metric = GetParam().options.metric;
      expect_same(choose(data, targets, metric, books, split++), reference(data, targets, metric, books));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Hard, TargetCases, testing::ValuesIn(hard_cases()),
                         [](const auto& test) { return test.param.name; });

TEST(Targets, ThatCompeteForTheSameRecordsAskAgain) {
  const Dataset data = normal_data(4000, 6, 2, true);
  Dataset targets = targets_of(normal_data(1, 6, 9, true), 400);
  const Books books{"", {.records = 900, .labels = {{100, Limits::no_limit}, {0, 300}, {90, 90}}}};

  const auto result = choose(data, targets, Metric::cosine, books, 2);

  expect_same(result, reference(data, targets, Metric::cosine, books));
  EXPECT_GT(result.passes, 4);
}

TEST(Targets, WithManyTiesAreExact) {
  set_threads(1);
  for (const Dataset& data : {grid(6000, 1, 2), grid(6000, 3, 4), grid(6000, 5, 2)}) {
    const Dataset targets = targets_of(data, 9);
    for (const std::uint64_t records : {20, 700}) {
      const Books books{"", {.records = records}};
      expect_same(choose(data, targets, Metric::l2, books, 3), reference(data, targets, Metric::l2, books));
    }
  }
}

TEST(Targets, AreExactWhereProductsOverflow) {
  set_threads(1);
  Dataset data = normal_data(3000, 3, 4, false);
  for (std::size_t i = 0; i < data.rows.size(); ++i) data.rows[i] *= i / 3 % 3 == 1 ? 1e30F : 1;
  const Dataset targets = targets_of(data, 9);
  for (const std::uint64_t records : {20, 2500}) {
    const Books books{"", {.records = records}};
    expect_same(choose(data, targets, Metric::l2, books, 0), reference(data, targets, Metric::l2, books));
  }
}

TEST(Targets, FindRecordsThatAllLieOnOneRank) {
  // Points on a line in ascending order; the targets are at its beginning, where the first rank has all.
  Dataset data = normal_data(3000, 1, 6, false);
  std::sort(data.rows.begin(), data.rows.end());
  const auto ranks = static_cast<std::size_t>(world().size());
  const auto rank = static_cast<std::size_t>(world().rank());
  const std::size_t begin = data.ids.size() * rank / ranks;
  const std::size_t end = data.ids.size() * (rank + 1) / ranks;
  const Vectors part(std::span(data.rows).subspan(begin, end - begin), std::span(data.ids).subspan(begin, end - begin),
                     1);
  const Dataset targets = targets_of(data, 3);
  const Dataset target_part = part_of(targets, world().rank(), world().size(), 0);
  Ledger ledger({.records = 600});

  const auto result = choose_for_targets(world(), part, target_part.pool(), {}, {}, Metric::l2, ledger);

  expect_same(result, reference(data, targets, Metric::l2, {"", {.records = 600}}));
}

TEST(Targets, AreServedInFewPasses) {
  const Dataset data = normal_data(3000, 16, 2, true);
  const Dataset targets = targets_of(data, 40);

  const auto result = choose(data, targets, Metric::cosine, {"", {.records = 400}}, 2);

  EXPECT_EQ(result.ids.size(), 400);
  EXPECT_LE(result.passes, 12);
}

TEST(Targets, AreRefusedWhereTheyMakeNoSense) {
  const Dataset data = normal_data(30, 4, 1, true);
  const Books books{"", {.records = 4}};
  Dataset twice = targets_of(data, 2);
  twice.ids = {3, 3};
  Dataset not_finite = targets_of(data, 2);
  not_finite.rows.back() = std::nanf("");

  EXPECT_THROW(choose(data, {4, {}, {}, {}}, Metric::cosine, books, 0), Error);
  EXPECT_THROW(choose(data, normal_data(3, 5, 1, true), Metric::cosine, books, 0), Error);
  EXPECT_THROW(choose(data, twice, Metric::cosine, books, 0), Error);
  EXPECT_THROW(choose(data, not_finite, Metric::cosine, books, 0), Error);
}

}  // namespace
}  // namespace farpoint::select
