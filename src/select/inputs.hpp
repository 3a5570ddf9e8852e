// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "farpoint/select/k_center.hpp"

namespace farpoint::select {

/// Throws UsageError for options that say nothing or nonsense. Not collective: options are the same on all ranks.
void check_options(const KCenterOptions& options);

/// Collective. Throws comm::AgreedError when any rank's vectors cannot be used: dimensions that disagree,
/// sizes that do not fit, NaN or infinity. Returns the number of pool rows over all ranks.
std::uint64_t agree_on_inputs(comm::Communicator& comm, const Vectors& pool, std::span<const float> curated);

}  // namespace farpoint::select
