// SPDX-License-Identifier: Apache-2.0
#include "k_means_assign.hpp"

#include <algorithm>

#include "assignment.hpp"
#include "farpoint/base/parallel.hpp"

namespace farpoint::select {

namespace {

constexpr std::size_t block_rows = 64;

std::vector<std::uint32_t> find_labels(const Vectors& rows, Metric metric, std::span<const float> centroids) {
  const Screening screening(metric, rows.dimension());
  Centres centres(screening, rows.dimension());
  centres.reserve(centroids.size() / rows.dimension());
  for (std::size_t c = 0; c * rows.dimension() < centroids.size(); ++c) {
    centres.add(centroids.subspan(c * rows.dimension(), rows.dimension()), c);
  }
  const RowBounds bounds(rows, screening, centres);
  const auto labels = nearest_labels(bounds, screening, centres);
  return {labels.begin(), labels.end()};
}

}  // namespace

NearestCentroids nearest_centroids(const Vectors& rows, Metric metric, std::span<const float> centroids,
                                   bool with_values) {
  NearestCentroids nearest;
  if (rows.size() == 0) return nearest;
  nearest.labels = find_labels(rows, metric, centroids);
  if (!with_values) return nearest;
  nearest.values.resize(rows.size());
  std::vector<RowBlock> blocks(thread_count(), RowBlock(rows, block_rows));
  parallel_for(rows.size(), block_rows, [&](std::size_t thread, std::size_t begin, std::size_t end) {
    const auto block = blocks[thread].load_range(begin, end - begin);
    for (std::size_t i = 0; i < block.size(); ++i) {
      const auto centroid = centroids.subspan(nearest.labels[begin + i] * rows.dimension(), rows.dimension());
      nearest.values[begin + i] = canonical(metric, std::span(block[i], rows.dimension()), centroid);
    }
  });
  return nearest;
}

}  // namespace farpoint::select
