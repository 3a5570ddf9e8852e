// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/select/assignment.hpp"
#include "farpoint/select/k_center.hpp"
#include "farpoint/select/progress.hpp"
#include "farpoint/select/vectors.hpp"

namespace farpoint::select {

struct KCenterInPartsResult : KCenterResult {
  Assignment assignment;              ///< of the whole pool, which `radius` is measured by
  double coreset_radius = 0;          ///< the largest shown distance left within the core-set
  std::uint64_t coreset_records = 0;  ///< records that the parts chose, over all ranks
};

/// Approximate k-center in two rounds (Malkomes et al. 2015; Ceccarello, Pietracaprina & Pucci 2019, "Solving k-center
/// Clustering (with Outliers) in MapReduce and Streaming, almost as Accurately as Sequentially", section 3.1). The pool
/// is dealt out into `parts` by a hash of the id; each part chooses twice the records that are asked for, on one rank
/// and without a message; then the greedy chooses among what the parts chose, their core-set. `radius` is measured on
/// the whole pool: what it is above `coreset_radius` is what the shortcut costs.
///
/// Of `options` it takes the metric, limits.records (needed), the seed, which deals the parts, and pool_size. The
/// result does not depend on ranks or threads, but on `parts` and the seed. Collective. Each rank holds, beside its own
/// rows, one part at a time, twice while it travels, as float32, and the core-set's rows of its parts. Throws
/// UsageError for no parts or no number of records, comm::AgreedError as k_center().
KCenterInPartsResult k_center_in_parts(comm::Communicator& comm, const Vectors& pool, std::span<const float> curated,
                                       const KCenterOptions& options, std::size_t parts,
                                       const PickProgress& progress = {});

}  // namespace farpoint::select
