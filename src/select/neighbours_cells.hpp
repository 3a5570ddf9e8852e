// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/select/neighbours.hpp"
#include "neighbours_search.hpp"

namespace farpoint::select {

/// Which of this rank's rows lie in which cell (an inverted file: Jégou et al. 2011, section IV).
class Cells {
 public:
  /// Collective: the centroids are those of a k-means over all ranks' rows.
  Cells(comm::Communicator& comm, const Vectors& base, const NeighbourOptions& options, std::uint64_t all_rows);

  std::size_t count() const { return ids_.size(); }
  /// The rows of a cell, ascending.
  std::span<const std::uint32_t> rows(std::size_t cell) const {
    return std::span(order_).subspan(offsets_[cell], offsets_[cell + 1] - offsets_[cell]);
  }
  /// The cells that each query sees, [queries, min(probes, count())]: those whose centroids are the nearest.
  std::vector<std::uint32_t> probes_of(TileSearcher& searcher, const QueryBlock& queries, std::size_t probes) const;

 private:
  std::vector<float> centroids_;
  std::vector<float> norms_;
  std::vector<std::uint64_t> ids_;  ///< 0, 1, ...
  std::vector<std::uint32_t> order_;
  std::vector<std::uint64_t> offsets_;
};

}  // namespace farpoint::select
