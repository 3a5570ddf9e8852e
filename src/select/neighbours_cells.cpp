// SPDX-License-Identifier: Apache-2.0
#include "neighbours_cells.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "farpoint/select/k_means.hpp"

namespace farpoint::select {

namespace {

// Cells need not be the best clusters, only of about the same size; FAISS' own default for them.
constexpr std::size_t iterations = 10;
constexpr std::size_t sample_per_cell = 64;

}  // namespace

Cells::Cells(comm::Communicator& comm, const Vectors& base, const NeighbourOptions& options, std::uint64_t all_rows) {
  KMeansOptions clustering;
  clustering.metric = options.metric;
  clustering.clusters = options.cells;
  clustering.iterations = iterations;
  clustering.seed = options.seed;
  clustering.sample_per_cluster = sample_per_cell;
  if (options.cells == 0) {
    clustering.clusters = std::max<std::size_t>(1, static_cast<std::size_t>(std::sqrt(static_cast<double>(all_rows))));
  }
  auto found = k_means(comm, base, clustering);
  centroids_ = std::move(found.centroids);
  for (std::size_t cell = 0; cell < found.clusters; ++cell) {
    norms_.push_back(screening_norm(std::span(centroids_).subspan(cell * base.dimension(), base.dimension())));
  }
  ids_.resize(found.clusters);
  std::iota(ids_.begin(), ids_.end(), std::uint64_t{0});

  offsets_.assign(found.clusters + 1, 0);
  for (const std::uint32_t label : found.labels) ++offsets_[label + 1];
  std::partial_sum(offsets_.begin(), offsets_.end(), offsets_.begin());
  order_.resize(found.labels.size());
  auto next = offsets_;
  for (std::size_t row = 0; row < order_.size(); ++row) {
    order_[next[found.labels[row]]++] = static_cast<std::uint32_t>(row);
  }
}

std::vector<std::uint32_t> Cells::probes_of(TileSearcher& searcher, const QueryBlock& queries,
                                            std::size_t probes) const {
  const std::size_t seen = std::min(probes, count());
  std::vector<std::uint32_t> which(queries.size());
  std::iota(which.begin(), which.end(), 0U);
  NearestLists lists(queries.size(), seen);
  QueryBlock any = queries;
  any.exclude_self = false;
  searcher.nearest(any, which, {centroids_, ids_, norms_}, lists);
  std::vector<std::uint32_t> cells;
  cells.reserve(queries.size() * seen);
  for (std::size_t query = 0; query < queries.size(); ++query) {
    for (const Neighbour& cell : lists.sorted(query)) cells.push_back(static_cast<std::uint32_t>(cell.id));
  }
  return cells;
}

}  // namespace farpoint::select
