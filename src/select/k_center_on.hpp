// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "device_accelerator.hpp"
#include "farpoint/select/k_center.hpp"

namespace farpoint::select {

/// k_center() with the rows on this accelerator, whatever the options say; on this processor where it is null. All
/// ranks have one, or none has.
KCenterResult k_center_on(Accelerator* accelerator, comm::Communicator& comm, const Candidates& pool,
                          std::span<const float> curated, const KCenterOptions& options,
                          const KCenterProgress& progress = {}, const KCenterPicks& before = {});

}  // namespace farpoint::select
