// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/select/budget.hpp"
#include "farpoint/select/distance.hpp"
#include "farpoint/select/neighbours.hpp"
#include "farpoint/select/vectors.hpp"

namespace farpoint::select {

struct FacilityLocationOptions {
  // change results
  Metric metric = Metric::cosine;
  std::size_t neighbours = 10;  ///< of each record, that may cover it
  // change speed
  std::size_t pool_size = 256;  ///< records, over all ranks, that one pass may choose from
};

/// The same on every rank. Gains and objective are in similarities, exact to 2^-31 each.
struct FacilityLocationResult {
  std::vector<std::uint64_t> ids;  ///< in order of choice; what must be kept comes first
  std::vector<double> gains;       ///< by how much each raised the objective when it was chosen
  double start = 0;                ///< the objective of the curated vectors alone
  double objective = 0;            ///< of all that is chosen: the sum over all records of how well they are covered
  std::uint64_t passes = 0;        ///< pools that were chosen from
};

/// Similarity of a canonical value in units of 2^-31, the nearest: cosine 1 - value, l2 1 / (1 + distance); at least 0,
/// at most 1.
std::uint32_t fixed_similarity(Metric metric, double value);

/// Greedy maximisation of facility location, f(S) = sum over records i of max over j in S of s(i, j), on a sparse graph
/// (Nemhauser et al. 1978; for data selection: Wei et al. 2015, Mirzasoleiman et al. 2020): s(i, j) is the similarity
/// for the edges i -> j of `graph`, 1 for i = j, and 0 else. Each time the record of the largest gain is taken, the
/// lowest id on ties, exactly, as the books allow; also where nothing is to be gained any more. Sums are of integers,
/// so ids, order and gains do not depend on ranks, threads or pool_size.
///
/// `ids`: this rank's, ascending. `graph`: their neighbours, ids[i]'s are those of query i, none twice (an edge to
/// itself is passed over). `charges`: by this rank's rows. `must_keep`: the same on every rank. `covered`: how well
/// each of this rank's records is covered from the start, as the canonical value to the nearest curated vector; empty
/// for not at all.
///
/// Collective; a few calls a pass of many picks. Memory a rank, with all ranks' edges m and records n: 8 m / ranks for
/// edges, three times that while they are sorted, 12 min(n, m / ranks) for covers and 40 n / ranks
/// (docs/neighbours.md). Throws comm::AgreedError when sizes do not fit, and for edges to records that are not there.
FacilityLocationResult facility_location(comm::Communicator& comm, std::span<const std::uint64_t> ids,
                                         const Neighbours& graph, const Charges& charges,
                                         std::span<const std::uint64_t> must_keep, std::span<const double> covered,
                                         const FacilityLocationOptions& options, Ledger& ledger);

/// The same on the exact neighbours of `pool`'s rows. `curated` [any, dimension] covers from the start, each record by
/// the nearest of all, exactly; every rank passes its own part.
FacilityLocationResult facility_location(comm::Communicator& comm, const Vectors& pool, std::span<const float> curated,
                                         const Charges& charges, std::span<const std::uint64_t> must_keep,
                                         const FacilityLocationOptions& options, Ledger& ledger);

}  // namespace farpoint::select
