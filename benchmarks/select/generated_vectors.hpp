// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace farpoint::select {

/// Unit vectors that look like embeddings of real texts: clusters whose sizes fall off as 1, 1/2, 1/3, ..., rows at
/// different distances from their cluster's middle, and a spectrum that decays. Made of bits that are the same
/// everywhere, and row by row, so that any thread and any rank can make any row. Close to a nanosecond a number.
class GeneratedVectors {
 public:
  GeneratedVectors(std::size_t rows, std::size_t dimension);

  /// Writes row `id` to `row`. Thread-safe.
  void make(std::uint64_t id, std::span<float> row) const;
  /// Rows [first, first + rows.size() / dimension), on all threads.
  void make_range(std::uint64_t first, std::span<float> rows) const;

 private:
  std::size_t dimension_;
  std::vector<float> scales_;       ///< of the components
  std::vector<double> popularity_;  ///< [clusters], sums up to and with each
  std::vector<float> middles_;      ///< [clusters, dimension]
};

}  // namespace farpoint::select
