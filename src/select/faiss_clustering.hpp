// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "farpoint/select/k_means.hpp"

namespace farpoint::select {

/// Centroids [options.clusters, dimension] of `points`, which are at least as many; the same bits at any number of
/// threads. FAISS draws the first centroids, averages, and splits the largest clusters where some are empty; which
/// centroid is the nearest is decided canonically.
std::vector<float> train_centroids(std::span<const float> points, std::size_t dimension, const KMeansOptions& options);

}  // namespace farpoint::select
