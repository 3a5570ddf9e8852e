// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace farpoint {

/// 64 random bits for (seed, stream, counter) by Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy
/// as 1, 2, 3"). A pure function: whoever asks for a record's number gets the same one, on any rank, in any order.
std::uint64_t random_bits(std::uint64_t seed, std::uint64_t stream, std::uint64_t counter);

}  // namespace farpoint
