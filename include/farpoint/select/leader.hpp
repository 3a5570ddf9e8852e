// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/select/budget.hpp"
#include "farpoint/select/distance.hpp"
#include "farpoint/select/progress.hpp"
#include "farpoint/select/vectors.hpp"

namespace farpoint::select {

struct LeaderOptions {
  Metric metric = Metric::cosine;
  /// Cosine: a record is kept when its largest cosine to those kept before is below it. L2: when its distance to the
  /// nearest of them is above it.
  double threshold = 0.9;
};

/// The same on every rank, in order of choice.
struct LeaderResult {
  std::vector<std::uint64_t> ids;
  std::vector<double> distances;  ///< shown distance to the nearest record or vector kept before; +inf for a first one
  std::uint64_t near = 0;         ///< records that the walk came to and left out because a kept one is near
};

/// Records in descending order of `scores` (NaN last, the lowest id on ties), each kept when none of those kept before
/// is near: the repr filter of DEITA (Liu et al. 2024, "What Makes Good Data for Alignment?", section 3.3).
///
/// Whether a record is near is decided by canonical values (distance.hpp) alone: under cosine it is when the value to
/// the nearest kept one is at most 1 - threshold, in float64; under l2 when its square root is at most the threshold.
/// Vectors of `curated` [any, dimension], of which each rank passes its own part, count as kept from the start and are
/// not emitted; records of `must_keep` are kept next, whatever is near. A record whose label is closed is passed over
/// without being compared. The walk ends with the ledger full or with the records.
///
/// Ids, order and bits do not depend on ranks or threads. Collective. Time O(n k d), in single-precision products, for
/// k kept ones of n records; a block of records, chosen so that about a thousand of them are kept, costs three calls.
/// Memory O(k d) on every rank. Throws UsageError for a threshold that is no number or, under l2, negative;
/// comm::AgreedError when sizes or dimensions do not fit each other, and when a vector holds NaN or infinity.
LeaderResult repr_filter(comm::Communicator& comm, const Vectors& pool, std::span<const double> scores,
                         const Charges& charges, std::span<const float> curated,
                         std::span<const std::uint64_t> must_keep, const LeaderOptions& options, Ledger& ledger,
                         const PickProgress& progress = {});

/// The same in ascending order of ids: the leader algorithm (Hartigan 1975, "Clustering Algorithms", chapter 3), one
/// pass over the records.
LeaderResult one_pass(comm::Communicator& comm, const Vectors& pool, const Charges& charges,
                      std::span<const float> curated, std::span<const std::uint64_t> must_keep,
                      const LeaderOptions& options, Ledger& ledger, const PickProgress& progress = {});

}  // namespace farpoint::select
