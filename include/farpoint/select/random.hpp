// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/select/budget.hpp"

namespace farpoint::select {

/// A record's number in the draw of this seed; the smallest are drawn first. Distinct in all likelihood, not surely:
/// where they tie, the lowest id comes first.
std::uint64_t random_key(std::uint64_t seed, std::uint64_t id);

/// Draws records without replacement until the ledger is full, as choose_in_order() (ranking.hpp) by random_key(). The
/// draw does not depend on how the records lie on ranks, and a larger budget extends a smaller one.
std::vector<std::uint64_t> choose_at_random(comm::Communicator& comm, std::span<const std::uint64_t> ids,
                                            const Charges& charges, std::span<const std::uint64_t> must_keep,
                                            std::uint64_t seed, Ledger& ledger);

/// The same for `count` records, or all if there are fewer.
std::vector<std::uint64_t> random_subset(comm::Communicator& comm, std::span<const std::uint64_t> ids,
                                         std::uint64_t count, std::uint64_t seed);

}  // namespace farpoint::select
