// SPDX-License-Identifier: Apache-2.0
// jobs/dedup/memory.hpp: what deduplication needs, before it begins.
#pragma once

#include <cstdint>

#include "options.hpp"

namespace farpoint::jobs {

/// Says in the log what a rank will need at most, and throws comm::AgreedError with the numbers when there is less.
/// Returns the number behind the highest id of the pool. Collective.
std::uint64_t check_memory(pipeline::PoolPass& pass, const DedupOptions& options);

}  // namespace farpoint::jobs
