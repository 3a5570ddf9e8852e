// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/select/budget.hpp"
#include "farpoint/select/device.hpp"
#include "farpoint/select/distance.hpp"
#include "farpoint/select/vectors.hpp"

namespace farpoint::select {

/// The representative of a record that is nearer to a curated vector than to any chosen record.
constexpr std::uint64_t curated_representative = std::numeric_limits<std::uint64_t>::max();

/// This rank's records to choose from. Borrowed.
struct Candidates {
  Vectors vectors;
  Charges charges = {};
  /// By row: D, the distance to all that is chosen, is multiplied by it. Empty: nothing is multiplied. Positive; under
  /// l2 at most 1e150.
  std::span<const double> scores = {};
  /// By row: not 0 for records that are never chosen, but must be covered like others. Empty: there are none.
  std::span<const std::uint8_t> barred = {};
};

struct KCenterOptions {
  // change results
  Metric metric = Metric::cosine;
  Limits limits;                         ///< with `radius`: whichever comes first
  std::optional<double> radius;          ///< stop when the farthest record is at this distance (as shown) or nearer
  std::vector<std::uint64_t> must_keep;  ///< ids that are chosen first, in this order; the same on every rank
  bool random_first = false;             ///< the first pick is drawn with `seed` instead of the lowest id
  std::uint64_t seed = 0;
  bool assignment = true;  ///< also find each record's nearest chosen one
  // change speed
  /// Records, over all ranks, that one pass may choose from; to begin with, for it follows the yield of the passes.
  std::size_t pool_size = 256;
  Device device = Device::cpu;
  /// The GPU of this rank, counted from 0. Without one it is the rank modulo the GPUs that it sees: right with one rank
  /// a GPU on every node.
  std::optional<int> gpu = {};
};

/// What was chosen so far, in order of choice; the same on every rank. It is all that a later call needs to go on.
struct KCenterPicks {
  std::vector<std::uint64_t> ids;
  std::vector<double> distances;  ///< shown D, times the score, at the moment of choice; +inf for a first point
};

/// How the work went: for benchmarks and summaries.
struct KCenterCosts {
  // the same on every rank
  std::uint64_t passes = 0;       ///< sweeps over the vectors in which centres were applied
  std::uint64_t collectives = 0;  ///< collective calls inside the greedy
  std::uint64_t distances = 0;    ///< pairs of a record and a centre that were compared, over all ranks; no assignment
  // of this rank
  double screening_seconds = 0;  ///< bringing bounds up to date
  double exact_seconds = 0;      ///< making pool members exact
  double pool_seconds = 0;       ///< choosing from the pools: the same work on every rank
  double message_seconds = 0;    ///< exchanging pools, with the wait for slower ranks
};

struct KCenterResult : KCenterPicks {
  // the same on every rank
  double radius = 0;  ///< largest D left (shown, times the score); 0 when nothing is left, +inf without centres
  std::vector<std::uint64_t> weights;  ///< records for which this one is the nearest chosen; empty w/o assignment
  // this rank's rows
  std::vector<std::uint64_t> representatives;  ///< id of the nearest chosen record, its own if it is chosen, the lowest
                                               ///< of equally near ones; empty without assignment
  KCenterCosts costs;
};

/// Called on every rank after each pass. What it shows may be kept and handed to a later call as `before`.
using KCenterProgress = std::function<void(const KCenterPicks& so_far)>;

/// Exact K-Center-Greedy (Gonzalez 1985; Sener & Savarese 2018 for core-sets): choose the record with the largest D,
/// its distance to everything chosen, times its score; lowest id on ties; until the budget or the radius. Without
/// anything to be far from, the first is the lowest id, or with scores the largest score. Many picks a pass over the
/// data (docs/k-center.md). Ids, their order and the bits of `distances` do not depend on ranks, threads, pool_size,
/// device, or how often the work was interrupted.
///
/// Collective. `curated` [any, dimension] are vectors that count as chosen from the start and are not emitted; every
/// rank passes its own part, in any split. `before`: the picks of an interrupted call with the same input; they cost
/// one pass. Memory a rank: k_center_memory().
/// Throws UsageError when nothing says when to stop, or for Device::cuda in a build without it; comm::AgreedError when
/// a rank sees no GPU, when its rows do not fit into the GPU's memory (k_center_device_memory()), when dimensions
/// disagree between ranks, when sizes do not fit each other, when a vector holds NaN or infinity, when a score is not
/// positive, when a record that must be kept, or was picked before, is not there.
KCenterResult k_center(comm::Communicator& comm, const Candidates& pool, std::span<const float> curated,
                       const KCenterOptions& options, const KCenterProgress& progress = {},
                       const KCenterPicks& before = {});

/// Bytes that k_center() needs on one rank beside the vectors it is given: an upper bound, within a small factor.
/// `rows` are the rank's own; `picks` and `curated` those of all ranks, for every rank holds all centres. Without a
/// number of records nobody knows the picks: with 0 the answer is what is needed at the least.
std::uint64_t k_center_memory(std::uint64_t rows, std::uint64_t dimension, std::uint64_t picks, std::uint64_t curated,
                              std::uint64_t pool_size = KCenterOptions().pool_size);

}  // namespace farpoint::select
