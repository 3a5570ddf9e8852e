// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "centres.hpp"
#include "cpu_row_bounds.hpp"
#include "farpoint/comm/communicator.hpp"
#include "screening.hpp"

namespace farpoint::select {

/// For every row of this rank the label of its nearest centre by canonical value, the smallest on ties; a chosen
/// record's own id; curated_representative where there are no centres.
std::vector<std::uint64_t> nearest_labels(const CpuRowBounds& rows, const Screening& screening, const Centres& centres);

/// Collective. How often each of `ids` occurs in all ranks' `labels`.
std::vector<std::uint64_t> count_labels(comm::Communicator& comm, std::span<const std::uint64_t> labels,
                                        std::span<const std::uint64_t> ids);

}  // namespace farpoint::select
