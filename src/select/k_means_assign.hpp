// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "farpoint/select/distance.hpp"
#include "farpoint/select/vectors.hpp"

namespace farpoint::select {

struct NearestCentroids {
  std::vector<std::uint32_t> labels;  ///< the lowest of equally near centroids
  std::vector<double> values;         ///< canonical; empty if not asked for
};

/// The nearest of `centroids` [at least 1, dimension] for each of this rank's rows, on all threads.
NearestCentroids nearest_centroids(const Vectors& rows, Metric metric, std::span<const float> centroids,
                                   bool with_values);

}  // namespace farpoint::select
