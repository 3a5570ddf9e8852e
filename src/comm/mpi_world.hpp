// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "farpoint/comm/communicator.hpp"

namespace farpoint::comm {

/// MPI 3.1 counts with int; half of what an int can hold leaves MPI room for its own sums.
inline constexpr std::uint64_t default_piece_limit = std::uint64_t{1} << 30;

/// Collective over all ranks of the program; MPI must be running. What is larger than `piece_limit` bytes is sent in
/// pieces (a reduction's piece holds at least one element). Groups split from it have the same limit.
std::unique_ptr<Communicator> duplicate_world(std::uint64_t piece_limit = default_piece_limit);

}  // namespace farpoint::comm
