// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/select/distance.hpp"
#include "farpoint/select/vectors.hpp"

namespace farpoint::select {

/// Copies of this rank's rows that belong to a sample of all ranks' rows, drawn by their ids: the same records in any
/// split, and independent of what random_subset() draws with the same seed.
class SampledRows {
 public:
  /// Collective. `count` records of all ranks, or all if there are fewer.
  SampledRows(comm::Communicator& comm, const Vectors& pool, std::uint64_t count, std::uint64_t seed);
  SampledRows(const SampledRows&) = delete;
  SampledRows& operator=(const SampledRows&) = delete;

  Vectors view() const { return {vectors_, ids_, dimension_}; }
  /// Their numbers in the pool, ascending.
  std::span<const std::uint32_t> rows() const { return rows_; }

 private:
  std::size_t dimension_;
  std::vector<std::uint32_t> rows_;
  std::vector<std::uint64_t> ids_;
  std::vector<float> vectors_;
};

/// The shown distance, where rounding has not put it below 0, as it may that of copies under cosine.
inline double coverage_distance(Metric metric, double value) {
  return std::max(shown_distance(metric, value), 0.0);
}

}  // namespace farpoint::select
