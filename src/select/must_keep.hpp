// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/select/budget.hpp"

namespace farpoint::select {

/// Enters the records that must be kept into the books, on every rank, before the method chooses: whatever the limits
/// say, in the order of `must_keep`, which is the same on every rank. `ids` are this rank's, ascending; `charges` are
/// of its rows. Throws comm::AgreedError with the first ids that no rank has, or that are named twice. Collective: one
/// call, none when nothing must be kept; memory O(must_keep) a rank.
void take_must_keep(comm::Communicator& comm, std::span<const std::uint64_t> ids, const Charges& charges,
                    std::span<const std::uint64_t> must_keep, Ledger& ledger);

}  // namespace farpoint::select
