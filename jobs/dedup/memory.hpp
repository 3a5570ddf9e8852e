// SPDX-License-Identifier: Apache-2.0
// jobs/dedup/memory.hpp: what deduplication needs, before it begins.
#pragma once

#include <cstdint>

#include "farpoint/pipeline/need.hpp"
#include "options.hpp"

namespace farpoint::jobs {

/// What one rank compares.
struct RankTexts {
  std::uint64_t records = 0;
  std::uint64_t ids = 0;    ///< its part of the pool's
  std::uint64_t width = 0;  ///< numbers of a vector
  std::uint64_t text_bytes = 0;
};

/// Bytes that a rank needs at most beside the program and a few shards.
std::uint64_t dedup_memory(const RankTexts& texts, const DedupOptions& options);

/// For an estimate before a run. Buffers count as far as the records will fill them.
void add_deduplication(const DedupOptions& options, const pipeline::Workload& work, pipeline::Need& need);

/// Says in the log what a rank will need at most, and throws comm::AgreedError with the numbers when there is less.
/// Returns the number behind the highest id of the pool. Collective.
std::uint64_t check_memory(pipeline::PoolPass& pass, const DedupOptions& options);

}  // namespace farpoint::jobs
