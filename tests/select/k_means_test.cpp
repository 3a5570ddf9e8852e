// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/k_means.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "datasets.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/machine.hpp"
#include "farpoint/comm/local.hpp"
#include "mpi_world.hpp"

namespace farpoint::select {
namespace {

std::span<const float> centroid(const KMeansResult& result, std::size_t c, std::size_t dimension) {
  return std::span(result.centroids).subspan(c * dimension, dimension);
}

std::size_t place_of(const Dataset& data, std::uint64_t id) {
  return static_cast<std::size_t>(std::lower_bound(data.ids.begin(), data.ids.end(), id) - data.ids.begin());
}

class KMeansCase : public testing::TestWithParam<Case> {};

TEST_P(KMeansCase, IsTheSameOnAnyRanksAndThreads) {
  auto& comm = world();
  const Dataset data = GetParam().make();
  KMeansOptions options;
  options.metric = GetParam().options.metric;
  options.clusters = 9;
  options.iterations = 6;
  options.seed = 3;
  options.sample_per_cluster = 12;
  set_threads(1);
  const auto alone = k_means(*comm::make_local(), data.pool(), options);
  for (const std::uint64_t split : {0, 1, 2}) {
    set_threads(static_cast<int>(split) + 1);
    const Dataset part = part_of(data, comm.rank(), comm.size(), split);
    const auto result = k_means(comm, part.pool(), options);
    EXPECT_EQ(result.clusters, alone.clusters);
    EXPECT_EQ(result.centroids, alone.centroids);
    EXPECT_EQ(result.sizes, alone.sizes);
    ASSERT_EQ(result.labels.size(), part.ids.size());
    for (std::size_t i = 0; i < part.ids.size(); ++i) {
      EXPECT_EQ(result.labels[i], alone.labels[place_of(data, part.ids[i])]);
      EXPECT_EQ(result.distances[i], alone.distances[place_of(data, part.ids[i])]);
    }
  }
  set_threads(1);
}

TEST_P(KMeansCase, EveryRecordGoesToTheNearestCentroid) {
  const Dataset data = GetParam().make();
  KMeansOptions options;
  options.metric = GetParam().options.metric;
  options.clusters = 15;
  const auto result = k_means(*comm::make_local(), data.pool(), options);
  std::vector<std::uint64_t> sizes(result.clusters, 0);
  for (std::size_t i = 0; i < data.ids.size(); ++i) {
    std::uint32_t nearest = 0;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t c = 0; c < result.clusters; ++c) {
      const double value = canonical(options.metric, data.pool().row(i), centroid(result, c, data.dimension));
      if (value < least) {
        least = value;
        nearest = static_cast<std::uint32_t>(c);
      }
    }
    EXPECT_EQ(result.labels[i], nearest) << "record " << data.ids[i];
    EXPECT_EQ(result.distances[i], least);
    ++sizes[nearest];
  }
  EXPECT_EQ(result.sizes, sizes);
}

INSTANTIATE_TEST_SUITE_P(Hard, KMeansCase, testing::ValuesIn(hard_cases()),
                         [](const auto& test) { return test.param.name; });

TEST(KMeans, FindsCentroidsThatAreTheMeansOfTheirRecords) {
  for (const auto metric : {Metric::l2, Metric::cosine}) {
    const Dataset data = normal_data(500, 6, 7, metric == Metric::cosine);
    KMeansOptions options;
    options.metric = metric;
    options.clusters = 8;
    options.iterations = 100;  // until nothing changes any more
    const auto result = k_means(*comm::make_local(), data.pool(), options);
    for (std::size_t c = 0; c < 8; ++c) {
      std::vector<double> mean(6, 0);
      for (std::size_t i = 0; i < 500; ++i) {
        for (std::size_t k = 0; result.labels[i] == c && k < 6; ++k) mean[k] += data.rows[6 * i + k];
      }
      double length = 0;
      for (const double x : mean) length += x * x;
      const double scale = metric == Metric::cosine ? std::sqrt(length) : static_cast<double>(result.sizes[c]);
      for (std::size_t k = 0; k < 6; ++k) EXPECT_NEAR(centroid(result, c, 6)[k], mean[k] / scale, 1e-4);
    }
  }
}

TEST(KMeans, DependsOnTheSeed) {
  const Dataset data = normal_data(500, 6, 7, true);
  KMeansOptions options;
  options.clusters = 8;
  const auto first = k_means(*comm::make_local(), data.pool(), options);
  options.seed = 1;
  EXPECT_NE(k_means(*comm::make_local(), data.pool(), options).centroids, first.centroids);
}

TEST(KMeans, OfFewRecordsHasFewClusters) {
  auto& comm = world();
  const Dataset data = normal_data(5, 4, 7, true);
  const Dataset part = part_of(data, comm.rank(), comm.size(), 0);
  KMeansOptions options;
  options.clusters = 12;
  const auto result = k_means(comm, part.pool(), options);
  EXPECT_EQ(result.clusters, 5);
  EXPECT_THAT(result.sizes, testing::ElementsAre(1, 1, 1, 1, 1));
  EXPECT_EQ(k_means(comm, {{}, {}, 4}, options).clusters, 0);
  options.clusters = 0;
  EXPECT_THROW(k_means(comm, part.pool(), options), UsageError);
}

}  // namespace
}  // namespace farpoint::select
