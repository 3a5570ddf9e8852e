// SPDX-License-Identifier: Apache-2.0
// Neighbours against their definition: every pair measured canonically, all pairs sorted.
#include "farpoint/select/neighbours.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "datasets.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/machine.hpp"
#include "farpoint/comm/local.hpp"
#include "farpoint/select/k_means.hpp"
#include "farpoint/select/stored_rows.hpp"
#include "mpi_world.hpp"

namespace farpoint::select {
namespace {

using Pairs = std::vector<std::pair<double, std::uint64_t>>;

/// All rows of `data` that `may_see` allows, the nearest first, the lowest id of equally near ones first.
template <typename MaySee>
Pairs sorted_rows(const Dataset& data, Metric metric, std::span<const float> query, const MaySee& may_see) {
  Pairs pairs;
  for (std::size_t i = 0; i < data.ids.size(); ++i) {
    if (may_see(i)) pairs.emplace_back(canonical(metric, query, data.pool().row(i)), data.ids[i]);
  }
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

Pairs found(const Neighbours& neighbours, std::size_t query) {
  Pairs pairs;
  const auto ids = neighbours.ids_of(query);
  for (std::size_t i = 0; i < ids.size(); ++i) pairs.emplace_back(neighbours.values_of(query)[i], ids[i]);
  return pairs;
}

Pairs found(const NeighboursWithin& neighbours, std::size_t query) {
  Pairs pairs;
  for (std::uint64_t i = neighbours.offsets[query]; i < neighbours.offsets[query + 1]; ++i) {
    pairs.emplace_back(neighbours.values[i], neighbours.ids[i]);
  }
  return pairs;
}

Pairs first(Pairs pairs, std::size_t count) {
  pairs.resize(std::min(count, pairs.size()));
  return pairs;
}

class NeighbourCase : public testing::TestWithParam<Case> {};

TEST_P(NeighbourCase, FlatIsExact) {
  auto& comm = world();
  const Dataset data = GetParam().make();
  NeighbourOptions options;
  options.metric = GetParam().options.metric;
  for (const std::uint64_t split : {0, 1, 2}) {
    set_threads(split == 2 ? 3 : 1);
    options.block_rows = split == 1 ? 10 : 8192;
    options.faiss_from = split == 2 ? 32 : 1;
    const Dataset part = part_of(data, comm.rank(), comm.size(), split);
    const NeighbourIndex index(comm, part.pool(), options);
    for (const std::size_t k : {1, 7, 1000}) {
      const bool exclude_self = k != 1;
      const auto result = index.nearest(part.pool(), k, exclude_self);
      ASSERT_EQ(result.k, std::min(k, data.ids.size()));
      ASSERT_EQ(result.size(), part.ids.size());
      for (std::size_t q = 0; q < part.ids.size(); ++q) {
        const auto expected = sorted_rows(data, options.metric, part.pool().row(q),
                                          [&](std::size_t i) { return !exclude_self || data.ids[i] != part.ids[q]; });
        ASSERT_EQ(found(result, q), first(expected, k))
            << "record " << part.ids[q] << ", k " << k << ", split " << split;
      }
    }
  }
  set_threads(1);
}

TEST_P(NeighbourCase, WithinARadiusIsExact) {
  auto& comm = world();
  const Dataset data = GetParam().make();
  NeighbourOptions options;
  options.metric = GetParam().options.metric;
  // A radius at which some pairs lie exactly.
  const auto sample = sorted_rows(data, options.metric, data.pool().row(0), [](std::size_t) { return true; });
  const double radius = shown_distance(options.metric, sample[sample.size() / 3].first);
  for (const std::uint64_t split : {0, 1}) {
    options.block_rows = split == 1 ? 10 : 8192;
    options.faiss_from = split == 2 ? 32 : 1;
    const Dataset part = part_of(data, comm.rank(), comm.size(), split);
    const auto result = NeighbourIndex(comm, part.pool(), options).within(part.pool(), radius);
    ASSERT_EQ(result.offsets.size(), part.ids.size() + 1);
    for (std::size_t q = 0; q < part.ids.size(); ++q) {
      auto expected = sorted_rows(data, options.metric, part.pool().row(q), [](std::size_t) { return true; });
      std::erase_if(expected, [&](const auto& pair) { return shown_distance(options.metric, pair.first) > radius; });
      ASSERT_EQ(found(result, q), expected) << "record " << part.ids[q] << ", split " << split;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Hard, NeighbourCase, testing::ValuesIn(hard_cases()),
                         [](const auto& test) { return test.param.name; });

/// The centroids that an index of `cells` cells has, and the cells that a row sees.
struct ReferenceCells {
  KMeansResult clusters;
  Metric metric;
  std::size_t dimension;

  ReferenceCells(const Dataset& data, const NeighbourOptions& options)
      : metric(options.metric), dimension(data.dimension) {
    KMeansOptions clustering;
    clustering.metric = options.metric;
    clustering.clusters = options.cells;
    clustering.iterations = 10;
    clustering.sample_per_cluster = 64;
    clustering.seed = options.seed;
    clusters = k_means(*comm::make_local(), data.pool(), clustering);
  }

  std::vector<bool> seen_by(std::span<const float> row, std::size_t probes) const {
    Pairs cells;
    for (std::size_t c = 0; c < clusters.clusters; ++c) {
      cells.emplace_back(canonical(metric, row, std::span(clusters.centroids).subspan(c * dimension, dimension)), c);
    }
    std::sort(cells.begin(), cells.end());
    std::vector<bool> seen(clusters.clusters, false);
    for (std::size_t i = 0; i < std::min(probes, cells.size()); ++i) seen[cells[i].second] = true;
    return seen;
  }
};

class CellCase : public testing::TestWithParam<Case> {};

TEST_P(CellCase, IvfIsExactWithinTheProbedCells) {
  auto& comm = world();
  const Dataset data = GetParam().make();
  NeighbourOptions options;
  options.metric = GetParam().options.metric;
  options.kind = IndexKind::ivf;
  options.cells = 12;
  options.probes = 3;
  options.seed = 5;
  const ReferenceCells cells(data, options);
  for (const std::uint64_t split : {0, 1, 2}) {
    set_threads(split == 2 ? 3 : 1);
    options.block_rows = split == 1 ? 10 : 8192;
    options.faiss_from = split == 2 ? 32 : 1;
    const Dataset part = part_of(data, comm.rank(), comm.size(), split);
    const NeighbourIndex index(comm, part.pool(), options);
    EXPECT_EQ(index.cells(), cells.clusters.clusters);
    const auto result = index.nearest(part.pool(), 5, true);
    for (std::size_t q = 0; q < part.ids.size(); ++q) {
      const auto seen = cells.seen_by(part.pool().row(q), options.probes);
      const auto expected = sorted_rows(data, options.metric, part.pool().row(q), [&](std::size_t i) {
        return data.ids[i] != part.ids[q] && seen[cells.clusters.labels[i]];
      });
      ASSERT_EQ(found(result, q), first(expected, 5)) << "record " << part.ids[q] << ", split " << split;
    }
  }
  set_threads(1);
}

TEST_P(CellCase, IvfThatProbesAllCellsIsExact) {
  auto& comm = world();
  const Dataset data = GetParam().make();
  const Dataset part = part_of(data, comm.rank(), comm.size(), 0);
  NeighbourOptions options;
  options.metric = GetParam().options.metric;
  const auto expected = NeighbourIndex(comm, part.pool(), options).nearest(part.pool(), 6);
  options.kind = IndexKind::ivf;
  options.probes = 1000;
  const auto result = NeighbourIndex(comm, part.pool(), options).nearest(part.pool(), 6);
  EXPECT_EQ(result.ids, expected.ids);
  EXPECT_EQ(result.values, expected.values);
}

INSTANTIATE_TEST_SUITE_P(Hard, CellCase, testing::ValuesIn(hard_cases()),
                         [](const auto& test) { return test.param.name; });

TEST(Neighbours, OfOtherRowsInHalfPrecision) {
  auto& comm = world();
  const Dataset data = normal_data(900, 20, 1, true);
  const Dataset asking = normal_data(70, 20, 2, true);
  const Dataset part = part_of(data, comm.rank(), comm.size(), 0);
  const Dataset own = part_of(asking, comm.rank(), comm.size(), 1);
  StoredRows half(Storage::float16, 20);
  for (std::size_t i = 0; i < part.ids.size(); ++i) half.append(part.pool().row(i));
  Dataset rounded = data;
  round_to(Storage::float16, rounded.rows);
  for (const auto kind : {IndexKind::flat, IndexKind::ivf}) {
    NeighbourOptions options;
    options.kind = kind;
    options.probes = 1000;
    const auto result = NeighbourIndex(comm, half.view(part.ids), options).nearest(own.pool(), 9);
    for (std::size_t q = 0; q < own.ids.size(); ++q) {
      const auto expected = sorted_rows(rounded, Metric::cosine, own.pool().row(q), [](std::size_t) { return true; });
      ASSERT_EQ(found(result, q), first(expected, 9));
    }
  }
}

TEST(Neighbours, OfTheCentreOfASphere) {
  // All near-ties, and the query has no length that would say how rounded the others' are.
  auto& comm = world();
  Dataset data = normal_data(400, 40, 4, true);
  std::fill_n(data.rows.begin(), 40, 0.0F);
  const Dataset part = part_of(data, comm.rank(), comm.size(), 0);
  NeighbourOptions options;
  options.metric = Metric::l2;
  options.faiss_from = 1;
  // So many that FAISS computes squares from lengths.
  const std::vector<std::uint64_t> asking(data.ids.begin(), data.ids.begin() + 30);
  const std::vector<float> zeros(30 * 40, 0.0F);
  const auto expected = sorted_rows(data, Metric::l2, data.pool().row(0), [](std::size_t) { return true; });
  const NeighbourIndex index(comm, part.pool(), options);
  for (std::size_t k = 1; k <= 120; ++k) {
    ASSERT_EQ(found(index.nearest(Vectors(zeros, asking, 40), k), 29), first(expected, k)) << k;
  }
}

TEST(Neighbours, RecallIsWhatTheAnswersShow) {
  auto& comm = world();
  const Dataset data = normal_data(800, 16, 3, true);
  const Dataset part = part_of(data, comm.rank(), comm.size(), 0);
  NeighbourOptions options;
  const auto exact = NeighbourIndex(comm, part.pool(), options).nearest(part.pool(), 10, true);
  options.kind = IndexKind::ivf;
  options.cells = 40;
  options.probes = 4;
  const NeighbourIndex index(comm, part.pool(), options);
  const auto some = measured_recall(comm, index, part.pool(), part.pool(), 10, 100, options, true);
  const auto all = measured_recall(comm, index, part.pool(), part.pool(), 10, 800, options, true);

  // The same on one process with all rows.
  const auto local = comm::make_local();
  const NeighbourIndex alone(*local, data.pool(), options);
  const auto some_alone = measured_recall(*local, alone, data.pool(), data.pool(), 10, 100, options, true);
  const auto answers = alone.nearest(data.pool(), 10, true);
  options.kind = IndexKind::flat;
  const auto expected = NeighbourIndex(*local, data.pool(), options).nearest(data.pool(), 10, true);
  std::uint64_t hits = 0;
  for (std::size_t q = 0; q < 800; ++q) {
    for (const auto id : expected.ids_of(q)) {
      const auto answer = answers.ids_of(q);
      hits += std::count(answer.begin(), answer.end(), id);
    }
  }
  EXPECT_EQ(all.queries, 800);
  EXPECT_EQ(all.expected, 8000);
  EXPECT_EQ(all.found, hits);
  EXPECT_EQ(some.queries, 100);
  EXPECT_EQ(some.found, some_alone.found);
  EXPECT_LT(all.value(), 1);
  EXPECT_GT(all.value(), 0.2);
}

TEST(Neighbours, OfNoRowsAndOfNoQueries) {
  auto& comm = world();
  const Dataset none{4, {}, {}, {}};
  const Dataset data = part_of(normal_data(50, 4, 1, true), comm.rank(), comm.size(), 0);
  for (const auto kind : {IndexKind::flat, IndexKind::ivf}) {
    NeighbourOptions options;
    options.kind = kind;
    const NeighbourIndex empty(comm, none.pool(), options);
    EXPECT_EQ(empty.nearest(data.pool(), 3).k, 0);
    EXPECT_EQ(empty.within(data.pool(), 1).ids.size(), 0);
    const NeighbourIndex index(comm, data.pool(), options);
    EXPECT_EQ(index.nearest(none.pool(), 3).size(), 0);
    EXPECT_EQ(index.nearest(data.pool(), 0).size(), 0);
  }
}

TEST(Neighbours, TellEveryRankOfWrongQueries) {
  auto& comm = world();
  const Dataset data = part_of(normal_data(50, 4, 1, true), comm.rank(), comm.size(), 0);
  const Dataset wide = normal_data(5, 6, 1, true);
  Dataset broken = data;
  if (comm.rank() == 0) broken.rows.at(0) = std::numeric_limits<float>::infinity();
  NeighbourOptions options;
  const NeighbourIndex index(comm, data.pool(), options);

  EXPECT_THROW(index.nearest(wide.pool(), 3), Error);
  EXPECT_THROW(index.nearest(broken.pool(), 3), Error);
  EXPECT_THROW(NeighbourIndex(comm, broken.pool(), options), Error);
  options.probes = 0;
  EXPECT_THROW(NeighbourIndex(comm, data.pool(), options), UsageError);
}

}  // namespace
}  // namespace farpoint::select
