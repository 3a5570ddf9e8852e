// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "shingle_sets.hpp"
#include "walk.hpp"

namespace farpoint::dedup {

enum class Sweep { curated, components };

/// What the walks through the buckets of this rank found.
struct Walked {
  std::vector<NearPair> found;
  std::uint64_t compared = 0;
  std::uint64_t capped = 0;
};

/// Walks through all buckets of this rank, `members` in bucket order, on all threads. The sets come from their holders,
/// in rounds of at most `batch_bytes`, but never fewer than two. Collective.
Walked walk_buckets(comm::Communicator& comm, std::span<const Member> members, Sweep sweep, const WalkLimits& limits,
                    const ShingleSets& mine, std::size_t batch_bytes);

}  // namespace farpoint::dedup
