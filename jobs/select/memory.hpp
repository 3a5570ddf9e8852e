// SPDX-License-Identifier: Apache-2.0
// jobs/select/memory.hpp: what a selection needs, before anything is loaded.
#pragma once

#include <cstdint>

#include "farpoint/pipeline/job.hpp"
#include "farpoint/pipeline/need.hpp"
#include "options.hpp"

namespace farpoint::jobs {

struct MemoryPlan {
  std::uint64_t rows = 0;           ///< records of this rank
  std::size_t width = 0;            ///< numbers of a vector, the same on all ranks
  std::uint64_t resident_rows = 0;  ///< how many of them can have their vectors in memory
};

/// Rows of one rank.
struct RankRows {
  std::uint64_t records = 0;
  std::uint64_t width = 0;
  std::uint64_t total = 0;    ///< of all ranks
  std::uint64_t curated = 0;  ///< of all ranks, that the selection starts from
};

/// Bytes that a rank needs at its peak.
struct RankMemory {
  std::uint64_t vectors = 0;  ///< may stay in files
  std::uint64_t others = 0;   ///< must be in memory
};
RankMemory rank_memory(const SelectOptions& options, const RankRows& rows, std::uint64_t picks, int ranks,
                       bool is_first_rank);

/// For an estimate before a run: the same formulas, and what choosing costs.
pipeline::Need selection_need(const SelectOptions& options, const pipeline::Workload& work);

/// Measures this rank's part and shares the node's free memory, or each rank's memory_limit. Throws Error on all ranks,
/// with the numbers, when not even what must be in memory fits. Collective.
MemoryPlan plan_memory(pipeline::JobContext& context, const SelectOptions& options);

}  // namespace farpoint::jobs
