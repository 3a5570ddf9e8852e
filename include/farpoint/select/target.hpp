// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/select/budget.hpp"
#include "farpoint/select/distance.hpp"
#include "farpoint/select/progress.hpp"
#include "farpoint/select/vectors.hpp"

namespace farpoint::select {

/// The target of a record that no target took, because it must be kept.
constexpr std::uint64_t no_target = std::numeric_limits<std::uint64_t>::max();

/// The same on every rank, in order of choice.
struct TargetedResult {
  std::vector<std::uint64_t> ids;
  std::vector<double> distances;       ///< shown distance to the target that took it; NaN for what must be kept
  std::vector<std::uint64_t> targets;  ///< id of that target, or no_target
  std::uint64_t passes = 0;            ///< sweeps over the records, each for up to 256 targets
};

/// Records that are most like a target set, in turns: the targets, in ascending order of their ids and then over again,
/// each take their most similar record (the smallest canonical value, the lowest id on ties) of those that are left and
/// whose label is open, until the ledger is full or none is left. It is the choice of RDS+ (Ivison et al. 2025,
/// "Large-Scale Data Selection for Instruction Tuning", section 3.2) for vectors of one's own. Where the minima of
/// quotas are met or given up, the turns go on. Records of `must_keep` come first and cost no turn.
///
/// `targets`: this rank's part, in any split; ids as of Vectors, from 0 if in doubt. Ids, order and bits do not depend
/// on ranks or threads. Collective; two calls a pass. A target asks for a few of its best records at a time, and for
/// twice as many when others have taken them all: time O(n t d), in single-precision products, where targets rarely
/// compete, O(n k d) at the worst. Memory on every rank O(t d) and the lists, 32 bytes an entry: at most 2^23 entries,
/// or 64 a target. Throws comm::AgreedError when there are no targets, when sizes or dimensions do not fit each other,
/// and when a vector holds NaN or infinity.
TargetedResult choose_for_targets(comm::Communicator& comm, const Vectors& pool, const Vectors& targets,
                                  const Charges& charges, std::span<const std::uint64_t> must_keep, Metric metric,
                                  Ledger& ledger, const PickProgress& progress = {});

}  // namespace farpoint::select
