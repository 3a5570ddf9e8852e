// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/select/distance.hpp"
#include "farpoint/select/vectors.hpp"

namespace farpoint::select {

/// Fills the rows of Neighbours that have fewer than the others.
constexpr std::uint64_t no_neighbour = std::numeric_limits<std::uint64_t>::max();

enum class IndexKind {
  flat,  ///< every query is compared with every row: exact
  ivf    ///< rows lie in cells, and a query sees those of the nearest cells only (Jégou et al. 2011): approximate
};

struct NeighbourOptions {
  // change results
  Metric metric = Metric::cosine;
  IndexKind kind = IndexKind::flat;
  std::size_t cells = 0;    ///< of ivf; 0: the square root of the number of rows of all ranks
  std::size_t probes = 16;  ///< of ivf: the cells that a query sees; all of them: exact
  std::uint64_t seed = 0;   ///< of the k-means that makes the cells
  // change speed
  std::size_t block_rows = 8192;  ///< queries, of all ranks together, that travel at a time
  std::size_t faiss_from = 32;    ///< FAISS proposes among so many times more rows than it proposes; of fewer, as of
                                  ///< most cells, all are looked at
};

/// What was found for each query of this rank: ids and canonical values, the nearest first, the lowest id of equally
/// near ones first.
struct Neighbours {
  std::size_t k = 0;               ///< as asked for, but at most the number of rows of all ranks
  std::vector<std::uint64_t> ids;  ///< [queries, k]; those with fewer than k have no_neighbour at the end
  std::vector<double> values;      ///< [queries, k]; +inf behind the last

  std::size_t size() const { return k == 0 ? 0 : ids.size() / k; }
  /// The neighbours of a query, without filling.
  std::span<const std::uint64_t> ids_of(std::size_t query) const;
  std::span<const double> values_of(std::size_t query) const;
};

/// The same for any number of neighbours: those of query q are [offsets[q], offsets[q + 1]).
struct NeighboursWithin {
  std::vector<std::uint64_t> offsets;
  std::vector<std::uint64_t> ids;
  std::vector<double> values;
};

/// Finds, for rows of any rank, the nearest among the rows of all ranks. Results do not depend on ranks, threads or
/// block_rows: products in single precision (FAISS, on the GPU where it can) only propose, canonical values decide
/// (docs/neighbours.md). `flat` gives exactly the nearest; `ivf` exactly the nearest of the cells that are probed.
///
/// Making one is collective, and so are all functions; `base` is this rank's rows, borrowed. Memory a rank: 4 bytes a
/// row; with ivf 16 more, the centroids, and while they are trained what k_means() says. A search holds block_rows
/// vectors and their answers, and blocks of rows that are not in memory; nothing grows with the square of the rows.
/// Throws UsageError for no probes; comm::AgreedError for what k_center() says of its vectors.
class NeighbourIndex {
 public:
  NeighbourIndex(comm::Communicator& comm, const Vectors& base, const NeighbourOptions& options);
  ~NeighbourIndex();
  NeighbourIndex(NeighbourIndex&&) noexcept;

  /// The k nearest of each query of this rank. Ranks may ask for any number of queries each. `exclude_self`: a row with
  /// the query's own id is not its neighbour. Cost of flat: queries x rows x dimension, shared by the ranks.
  Neighbours nearest(const Vectors& queries, std::size_t k, bool exclude_self = false) const;

  /// All whose distance, as shown, is at most `radius`. Memory as large as what is found.
  NeighboursWithin within(const Vectors& queries, double radius, bool exclude_self = false) const;

  std::size_t cells() const;  ///< 0 for flat

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

struct Recall {
  std::uint64_t queries = 0;   ///< sampled, of all ranks
  std::uint64_t expected = 0;  ///< neighbours that they have
  std::uint64_t found = 0;     ///< of these, those that the index finds
  /// recall@k, 1 when there is nothing to find.
  double value() const { return expected == 0 ? 1 : static_cast<double>(found) / static_cast<double>(expected); }
};

/// How much of the exact answer an index of these options gives: found with it, and compared with flat, for the
/// `sample` queries that random_subset() draws with options.seed. Collective. The same on every rank.
Recall measured_recall(comm::Communicator& comm, const NeighbourIndex& index, const Vectors& base,
                       const Vectors& queries, std::size_t k, std::size_t sample, const NeighbourOptions& options,
                       bool exclude_self = false);

}  // namespace farpoint::select
