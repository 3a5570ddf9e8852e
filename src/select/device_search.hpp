// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "device_array.hpp"

namespace farpoint::select {

/// Compares rows with centres on an accelerator.
class DeviceSearch {
 public:
  /// Rows that are folded at a time; queries that are answered at a time.
  static constexpr std::size_t most_rows = std::size_t{1} << 20;
  static constexpr std::size_t most_queries = 2048;
  /// Bytes of the accelerator that a search of so many rows has.
  static std::uint64_t memory(std::uint64_t rows);

  /// For this many rows. Allocates all it needs.
  DeviceSearch(Accelerator& accelerator, std::size_t rows);

  /// The greatest affinities of at most most_rows rows; valid until the next call.
  FoldTask fold(const ProductView& view);

  /// Measures all centres that may be the nearest; at most most_queries queries. `queries.found` are then the smallest
  /// canonical values, or what was known. The accelerator's memory behind `known` and `found` is this object's.
  QueriesView search(QueriesView queries);
  /// labels[row]: the smallest label of the centres at exactly the values that search() found.
  void label(const QueriesView& queries, std::uint64_t* labels);

 private:
  /// Calls `use` with all affinities, a part of the centres at a time.
  void for_matrices(const ProductView& view, const std::function<void(const AffinityMatrixTask&)>& use);

  Accelerator& accelerator_;
  DeviceArray<TopTwo> tops_;
  DeviceArray<float> affinities_;
  DeviceArray<double> known_;
  DeviceArray<std::uint64_t> found_;
};

}  // namespace farpoint::select
