// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "farpoint/select/k_center.hpp"

namespace farpoint::select {

/// All records of a test in one place, ids ascending.
struct Dataset {
  std::size_t dimension = 0;
  std::vector<std::uint64_t> ids;
  std::vector<float> rows;
  std::vector<float> curated;

  Vectors pool() const { return {rows, ids, dimension}; }
  std::size_t curated_count() const { return dimension == 0 ? 0 : curated.size() / dimension; }
  std::span<const float> curated_row(std::size_t c) const {
    return std::span(curated).subspan(c * dimension, dimension);
  }
};

/// The greedy as it is defined: every distance canonical, every record looked at for every pick. The fields that say
/// how it went are not set. `first`: the id of the first pick, where it is not the lowest.
inline KCenterResult reference_k_center(const Dataset& data, const KCenterOptions& options,
                                        std::optional<std::uint64_t> first = {}) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const std::size_t n = data.ids.size();
  const Vectors pool = data.pool();
  KCenterResult result;
  std::vector<double> nearest(n, infinity);    // canonical, to chosen and curated
  std::vector<double> to_chosen(n, infinity);  // canonical, to chosen alone
  std::vector<bool> chosen(n, false);
  result.representatives.assign(n, curated_representative);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t c = 0; c < data.curated_count(); ++c) {
      nearest[i] = std::min(nearest[i], canonical(options.metric, pool.row(i), data.curated_row(c)));
    }
  }
  const std::vector<double> to_curated = nearest;
  while (true) {
    std::size_t farthest = n;
    for (std::size_t i = 0; i < n; ++i) {
      if (!chosen[i] && (farthest == n || nearest[i] > nearest[farthest])) farthest = i;
    }
    if (farthest == n) break;
    if (first && result.ids.empty()) {
      farthest = static_cast<std::size_t>(std::find(data.ids.begin(), data.ids.end(), *first) - data.ids.begin());
    }
    const double distance = shown_distance(options.metric, nearest[farthest]);
    const bool budget_spent = options.records && result.ids.size() >= *options.records;
    if (budget_spent || (options.radius && distance <= *options.radius)) {
      result.radius = distance;
      break;
    }
    chosen[farthest] = true;
    result.ids.push_back(data.ids[farthest]);
    result.distances.push_back(distance);
    for (std::size_t i = 0; i < n; ++i) {
      const double value = canonical(options.metric, pool.row(i), pool.row(farthest));
      nearest[i] = std::min(nearest[i], value);
      if (value < to_chosen[i] || (value == to_chosen[i] && data.ids[farthest] < result.representatives[i])) {
        to_chosen[i] = value;
        result.representatives[i] = data.ids[farthest];
      }
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (to_curated[i] < to_chosen[i]) result.representatives[i] = curated_representative;
    if (chosen[i]) result.representatives[i] = data.ids[i];
  }
  for (const auto id : result.ids) {
    result.weights.push_back(
        static_cast<std::uint64_t>(std::count(result.representatives.begin(), result.representatives.end(), id)));
  }
  return result;
}

}  // namespace farpoint::select
