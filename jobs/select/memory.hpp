// SPDX-License-Identifier: Apache-2.0
// jobs/select/memory.hpp: what a selection needs, before anything is loaded.
#pragma once

#include <cstdint>

#include "farpoint/pipeline/job.hpp"
#include "options.hpp"

namespace farpoint::jobs {

struct MemoryPlan {
  std::uint64_t rows = 0;           ///< records of this rank
  std::size_t width = 0;            ///< numbers of a vector, the same on all ranks
  std::uint64_t resident_rows = 0;  ///< how many of them can have their vectors in memory
};

/// Measures this rank's part and shares the node's free memory, or each rank's memory_limit. Throws Error on all ranks,
/// with the numbers, when not even what must be in memory fits. Collective.
MemoryPlan plan_memory(pipeline::JobContext& context, const SelectOptions& options);

}  // namespace farpoint::jobs
