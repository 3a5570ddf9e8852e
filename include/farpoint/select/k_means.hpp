// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/select/distance.hpp"
#include "farpoint/select/vectors.hpp"

namespace farpoint::select {

struct KMeansOptions {
  Metric metric = Metric::cosine;  ///< cosine: spherical, centroids are scaled to unit length
  std::size_t clusters = 100;
  std::size_t iterations = 25;
  std::uint64_t seed = 0;
  std::size_t sample_per_cluster = 256;  ///< records that train, for each cluster; all when there are fewer
};

struct KMeansResult {
  // the same on every rank
  std::size_t clusters = 0;          ///< as asked for, but at most the number of records
  std::vector<float> centroids;      ///< [clusters, dimension]
  std::vector<std::uint64_t> sizes;  ///< records of each cluster, of all ranks; some may be 0
  // this rank's rows
  std::vector<std::uint32_t> labels;  ///< the nearest centroid, the lowest of equally near ones
  std::vector<double> distances;      ///< canonical value to it
};

/// k-means (Lloyd 1982) by FAISS' Clustering, on a sample that depends on the seed and the ids alone; then every record
/// goes to the nearest centroid, by canonical values. The same bits at any number of ranks and threads, for one build
/// of FAISS: centroids are float32 sums in the order that FAISS adds them.
///
/// Collective. Rank 0 trains, on all its threads, while the others wait: it holds the sample, clusters x
/// sample_per_cluster rows. Every rank holds the centroids three times while it assigns, and 28 bytes a row. Throws
/// UsageError for 0 clusters or an empty sample; comm::AgreedError for what k_center() says of its vectors.
KMeansResult k_means(comm::Communicator& comm, const Vectors& rows, const KMeansOptions& options);

}  // namespace farpoint::select
