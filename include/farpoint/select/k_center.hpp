// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/select/distance.hpp"
#include "farpoint/select/vectors.hpp"

namespace farpoint::select {

/// The representative of a record that is nearer to a curated vector than to any chosen record.
constexpr std::uint64_t curated_representative = std::numeric_limits<std::uint64_t>::max();

struct KCenterOptions {
  // change results
  Metric metric = Metric::cosine;
  std::optional<std::uint64_t> records;  ///< stop after so many picks; with `radius`: whichever comes first
  std::optional<double> radius;          ///< stop when the farthest record is at this distance (as shown) or nearer
  bool random_first = false;             ///< the first pick is drawn with `seed` instead of the lowest id
  std::uint64_t seed = 0;
  bool assignment = true;  ///< also find each record's nearest chosen one
  // change speed
  std::size_t pool_size = 256;  ///< records, over all ranks, that one pass may choose from
};

struct KCenterResult {
  // the same on every rank, in order of choice
  std::vector<std::uint64_t> ids;
  std::vector<double> distances;       ///< shown distance to everything chosen before; +inf for a first point
  double radius = 0;                   ///< largest shown distance left; 0 when nothing is left, +inf without centres
  std::vector<std::uint64_t> weights;  ///< records for which this one is the nearest chosen; empty w/o assignment
  // this rank's rows
  std::vector<std::uint64_t> representatives;  ///< id of the nearest chosen record, its own if it is chosen, the lowest
                                               ///< of equally near ones; empty without assignment
  // how it went
  std::uint64_t passes = 0;       ///< sweeps over the vectors in which centres were applied
  std::uint64_t collectives = 0;  ///< collective calls inside the greedy
};

/// Called now and then on every rank with the number of picks so far.
using PickProgress = std::function<void(std::uint64_t picks)>;

/// Exact K-Center-Greedy (Gonzalez 1985; Sener & Savarese 2018 for core-sets): choose the record farthest from
/// everything chosen, lowest id on ties, until the budget or the radius. Many picks a pass over the data
/// (docs/k-center.md). Ids, their order and the bits of `distances` do not depend on ranks, threads or pool_size.
///
/// Collective. `curated` [any, dimension] are vectors that count as chosen from the start and are not emitted; every
/// rank passes its own part, in any split. Memory a rank: k_center_memory(). Throws UsageError when neither `records`
/// nor `radius` is given; comm::AgreedError when dimensions disagree between ranks, when sizes do not fit each other,
/// and when a vector holds NaN or infinity.
KCenterResult k_center(comm::Communicator& comm, const Vectors& pool, std::span<const float> curated,
                       const KCenterOptions& options, const PickProgress& progress = {});

/// Bytes that k_center() needs on one rank beside the vectors it is given: an upper bound, within a small factor.
/// `rows` are the rank's own; `picks` and `curated` those of all ranks, for every rank holds all centres. Without a
/// number of records nobody knows the picks: with 0 the answer is what is needed at the least.
std::uint64_t k_center_memory(std::uint64_t rows, std::uint64_t dimension, std::uint64_t picks, std::uint64_t curated,
                              std::uint64_t pool_size = KCenterOptions().pool_size);

}  // namespace farpoint::select
