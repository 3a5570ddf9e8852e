// SPDX-License-Identifier: Apache-2.0
#include "k_means_assign.hpp"

#include "assignment.hpp"

namespace farpoint::select {

NearestCentroids nearest_centroids(const Vectors& rows, Metric metric, std::span<const float> centroids,
                                   bool with_values) {
  NearestCentroids nearest;
  if (rows.size() == 0) return nearest;
  const Screening screening(metric, rows.dimension());
  Centres centres(screening, rows.dimension());
  centres.reserve(centroids.size() / rows.dimension());
  for (std::size_t c = 0; c * rows.dimension() < centroids.size(); ++c) {
    centres.add(centroids.subspan(c * rows.dimension(), rows.dimension()), c);
  }
  std::vector<std::uint64_t> labels(rows.size());
  nearest.values.resize(with_values ? rows.size() : 0);
  nearest_centres(rows, screening, centres, labels, nearest.values);
  nearest.labels.assign(labels.begin(), labels.end());
  return nearest;
}

}  // namespace farpoint::select
