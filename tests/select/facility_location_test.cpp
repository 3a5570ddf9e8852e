// SPDX-License-Identifier: Apache-2.0
// The lazy greedy against the plain one over a dense matrix.
#include "farpoint/select/facility_location.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "datasets.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/random.hpp"
#include "mpi_world.hpp"

namespace farpoint::select {
namespace {

/// What the books say of a record: a function of its id.
std::uint32_t label_of(std::uint64_t id) {
  return static_cast<std::uint32_t>(random_bits(1, 2, id) % 3);
}
std::uint64_t tokens_of(std::uint64_t id) {
  return 1 + random_bits(3, 4, id) % 50;
}

struct Books {
  std::vector<std::uint32_t> labels;
  std::vector<std::uint64_t> tokens;

  explicit Books(std::span<const std::uint64_t> ids) {
    for (const std::uint64_t id : ids) {
      labels.push_back(label_of(id));
      tokens.push_back(tokens_of(id));
    }
  }
  Charges charges() const { return {labels, tokens}; }
};

/// similarity[i][j]: how well j covers i, by the nearest neighbours as they are defined.
std::vector<std::vector<std::uint64_t>> dense_graph(const Dataset& data, const FacilityLocationOptions& options) {
  const std::size_t n = data.ids.size();
  std::vector<std::vector<std::uint64_t>> similarity(n, std::vector<std::uint64_t>(n, 0));
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<std::pair<double, std::size_t>> others;
    for (std::size_t j = 0; j < n; ++j) {
      if (j != i) others.emplace_back(canonical(options.metric, data.pool().row(i), data.pool().row(j)), j);
    }
    std::sort(others.begin(), others.end());
    others.resize(std::min(others.size(), options.neighbours));
    for (const auto& [value, j] : others) similarity[i][j] = fixed_similarity(options.metric, value);
    similarity[i][i] = std::uint64_t{1} << 31;
  }
  return similarity;
}

FacilityLocationResult reference(const Dataset& data, std::span<const std::uint64_t> must_keep,
                                 const FacilityLocationOptions& options, Ledger ledger) {
  const std::size_t n = data.ids.size();
  const auto similarity = dense_graph(data, options);
  std::vector<std::uint64_t> covered(n, 0);
  FacilityLocationResult result;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t c = 0; c < data.curated_count(); ++c) {
      const double value = canonical(options.metric, data.pool().row(i), data.curated_row(c));
      covered[i] = std::max<std::uint64_t>(covered[i], fixed_similarity(options.metric, value));
    }
    result.start += static_cast<double>(covered[i]) * 0x1p-31;
  }
  std::vector<bool> chosen(n, false);
  const auto gain = [&](std::size_t j) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += std::max(similarity[i][j], covered[i]) - covered[i];
    return sum;
  };
  const auto choose = [&](std::size_t j) {
    result.ids.push_back(data.ids[j]);
    result.gains.push_back(static_cast<double>(gain(j)) * 0x1p-31);
    for (std::size_t i = 0; i < n; ++i) covered[i] = std::max(similarity[i][j], covered[i]);
    chosen[j] = true;
  };
  for (const std::uint64_t id : must_keep) {
    ledger.take_anyway(label_of(id), tokens_of(id));
    choose(static_cast<std::size_t>(std::find(data.ids.begin(), data.ids.end(), id) - data.ids.begin()));
  }
  while (!ledger.is_full()) {
    std::size_t best = n;
    std::uint64_t most = 0;
    for (std::size_t j = 0; j < n; ++j) {
      if (chosen[j] || !ledger.is_open(label_of(data.ids[j]))) continue;
      const std::uint64_t g = gain(j);
      if (best == n || g > most) {
        best = j;
        most = g;
      }
    }
    if (best == n && ledger.minima_met()) break;
    if (best == n) {
      ledger.give_up_minima();
      continue;
    }
    if (!ledger.take(label_of(data.ids[best]), tokens_of(data.ids[best]))) break;
    choose(best);
  }
  for (std::size_t i = 0; i < n; ++i) result.objective += static_cast<double>(covered[i]) * 0x1p-31;
  return result;
}

std::vector<Limits> many_limits(std::size_t n) {
  Limits records;
  records.records = 30;
  Limits everything;
  Limits tokens;
  tokens.tokens = 700;
  Limits quotas;
  quotas.records = 60;
  quotas.labels = {{25, 30}, {3, 5}, {0, 40}};
  Limits impossible;  // minima that no label can meet
  impossible.records = n / 2;
  impossible.labels = {{n, Limits::no_limit}, {0, Limits::no_limit}, {10, 10}};
  return {records, everything, tokens, quotas, impossible};
}

class FacilityLocationCase : public testing::TestWithParam<Case> {};

TEST_P(FacilityLocationCase, EqualsTheReference) {
  auto& comm = world();
  const Dataset data = GetParam().make();
  FacilityLocationOptions options;
  options.metric = GetParam().options.metric;
  options.neighbours = 6;
  const auto limits = many_limits(data.ids.size());
  for (std::size_t l = 0; l < limits.size(); ++l) {
    std::vector<std::uint64_t> must_keep;
    if (l % 2 == 1) must_keep = {data.ids.back(), data.ids[1], data.ids[data.ids.size() / 2]};
    const auto expected = reference(data, must_keep, options, Ledger(limits[l]));
    for (const std::size_t pool_size : {1, 16, 4096}) {
      options.pool_size = pool_size;
      const std::uint64_t split = pool_size % 3 + l;
      const Dataset part = part_of(data, comm.rank(), comm.size(), split);
      const Books books(part.ids);
      Ledger ledger(limits[l]);
      const auto result =
          facility_location(comm, part.pool(), part.curated, books.charges(), must_keep, options, ledger);
      SCOPED_TRACE(testing::Message() << "limits " << l << ", pool size " << pool_size << ", split " << split);
      EXPECT_EQ(result.ids, expected.ids);
      EXPECT_EQ(result.gains, expected.gains);
      EXPECT_EQ(result.start, expected.start);
      EXPECT_EQ(result.objective, expected.objective);
      EXPECT_EQ(ledger.records(), expected.ids.size());
    }
  }
}

/// The plain greedy looks at every pair for every record: only data of moderate size.
INSTANTIATE_TEST_SUITE_P(Hard, FacilityLocationCase, testing::ValuesIn(hard_cases()),
                         [](const auto& test) { return test.param.name; });

TEST(FacilityLocation, TakesManyRecordsAPass) {
  auto& comm = world();
  const Dataset data = normal_data(3000, 8, 1, true);
  const Dataset part = part_of(data, comm.rank(), comm.size(), 0);
  Limits limits;
  limits.records = 600;
  Ledger ledger(limits);
  const auto result = facility_location(comm, part.pool(), {}, {}, {}, {}, ledger);
  EXPECT_EQ(result.ids.size(), 600);
  EXPECT_LE(result.passes, 600 / 10);
  EXPECT_TRUE(std::is_sorted(result.gains.rbegin(), result.gains.rend()));
}

TEST(FacilityLocation, TellsEveryRankOfAGraphOfOtherRecords) {
  auto& comm = world();
  const Dataset data = normal_data(40, 4, 1, true);
  const Dataset part = part_of(data, comm.rank(), comm.size(), 0);
  Neighbours graph;
  graph.k = 1;
  graph.ids.assign(part.ids.size(), 999999);
  graph.values.assign(part.ids.size(), 0.5);
  Ledger ledger({});
  EXPECT_THROW(facility_location(comm, part.ids, graph, {}, {}, {}, {}, ledger), Error);
  graph.ids.push_back(1);
  EXPECT_THROW(facility_location(comm, part.ids, graph, {}, {}, {}, {}, ledger), Error);
}

TEST(FacilityLocation, OfNoRecordsIsEmpty) {
  Ledger ledger({});
  const auto result = facility_location(world(), {{}, {}, 4}, {}, {}, {}, {}, ledger);
  EXPECT_TRUE(result.ids.empty());
  EXPECT_EQ(result.objective, 0);
}

TEST(FixedSimilarity, IsBetweenZeroAndOne) {
  constexpr std::uint32_t one = std::uint32_t{1} << 31;
  EXPECT_EQ(fixed_similarity(Metric::cosine, 0), one);
  EXPECT_EQ(fixed_similarity(Metric::cosine, -1e-9), one);
  EXPECT_EQ(fixed_similarity(Metric::cosine, 0.5), one / 2);
  EXPECT_EQ(fixed_similarity(Metric::cosine, 1.5), 0);
  EXPECT_EQ(fixed_similarity(Metric::l2, 9), one / 4);
  EXPECT_EQ(fixed_similarity(Metric::l2, std::numeric_limits<double>::infinity()), 0);
}

}  // namespace
}  // namespace farpoint::select
