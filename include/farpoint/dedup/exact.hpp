// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "farpoint/base/hash.hpp"
#include "farpoint/comm/communicator.hpp"
#include "farpoint/dedup/edges.hpp"

namespace farpoint::dedup {

struct HashedRecord {
  Hash128 hash;
  std::uint64_t id = 0;
};

/// Records of equal hash: an edge from the lowest id of a group to each other one. Pool records that are equal to a
/// curated one are hits, and have no edges; curated records are not compared with each other. Every id is passed once.
///
/// Collective. Records are spread over the ranks by their hash, so each holds about n / ranks of them, of 24 bytes,
/// twice, and those of one group lie on one rank. What each rank gets back is sorted.
Matches exact_matches(comm::Communicator& comm, std::span<const HashedRecord> mine);

}  // namespace farpoint::dedup
