// SPDX-License-Identifier: Apache-2.0
#include "faiss_clustering.hpp"

#include <faiss/Clustering.h>
#include <faiss/Index.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "farpoint/base/error.hpp"
#include "k_means_assign.hpp"

namespace farpoint::select {

namespace {

/// What FAISS' Clustering asks for the nearest centroid. Its own indexes answer by products that are rounded as the
/// number of threads has it.
class CanonicalIndex final : public faiss::Index {
 public:
  CanonicalIndex(std::size_t dimension, Metric metric)
      : faiss::Index(static_cast<int>(dimension),
                     metric == Metric::cosine ? faiss::METRIC_INNER_PRODUCT : faiss::METRIC_L2),
        metric_(metric) {}

  void add(std::int64_t count, const float* rows) override {
    centroids_.insert(centroids_.end(), rows, rows + static_cast<std::size_t>(count) * dimension());
    ntotal += count;
  }

  void reset() override {
    centroids_.clear();
    ntotal = 0;
  }

  /// `k` is 1. The distances only go into a statistic that nobody reads.
  void search(std::int64_t count, const float* rows, std::int64_t k, float* distances, std::int64_t* labels,
              const faiss::SearchParameters*) const override {
    if (k != 1) throw Error(fmt::format("FAISS' clustering asked for {} centroids instead of 1", k));
    const auto n = static_cast<std::size_t>(count);
    std::vector<std::uint64_t> ids(n);
    std::iota(ids.begin(), ids.end(), std::uint64_t{0});
    const auto nearest =
        nearest_centroids(Vectors({rows, n * dimension()}, ids, dimension()), metric_, centroids_, false);
    std::copy(nearest.labels.begin(), nearest.labels.end(), labels);
    std::fill_n(distances, n, 0.0F);
  }

 private:
  std::size_t dimension() const { return static_cast<std::size_t>(d); }

  Metric metric_;
  std::vector<float> centroids_;
};

/// FAISS takes 31 bits.
int short_seed(std::uint64_t seed) {
  return static_cast<int>((seed ^ (seed >> 31) ^ (seed >> 62)) & 0x3fffffff);
}

}  // namespace

std::vector<float> train_centroids(std::span<const float> points, std::size_t dimension, const KMeansOptions& options) {
  faiss::ClusteringParameters parameters;
  parameters.niter = static_cast<int>(options.iterations);
  parameters.spherical = options.metric == Metric::cosine;
  parameters.seed = short_seed(options.seed);
  // The sample is what it is: no complaints on the terminal, and no second sampling.
  parameters.min_points_per_centroid = 1;
  parameters.max_points_per_centroid = std::numeric_limits<int>::max();
  faiss::Clustering clustering(static_cast<int>(dimension), static_cast<int>(options.clusters), parameters);
  CanonicalIndex index(dimension, options.metric);
  try {
    clustering.train(static_cast<std::int64_t>(points.size() / dimension), points.data(), index);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Error(fmt::format("k-means by FAISS: {}", error.what()));
  }
  return std::move(clustering.centroids);
}

}  // namespace farpoint::select
