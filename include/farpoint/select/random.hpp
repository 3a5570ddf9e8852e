// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "farpoint/comm/communicator.hpp"

namespace farpoint::select {

/// `count` of all ranks' ids (all, if there are fewer), drawn without replacement, in drawing order, the same on every
/// rank. Every id has a key that depends on `seed` and the id alone and the smallest keys win, so the draw does not
/// depend on how the ids lie on ranks, and a larger count extends a smaller one. Collective; memory O(count) a rank.
std::vector<std::uint64_t> random_subset(comm::Communicator& comm, std::span<const std::uint64_t> ids,
                                         std::uint64_t count, std::uint64_t seed);

}  // namespace farpoint::select
