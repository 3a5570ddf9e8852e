// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace farpoint::select {

/// Runs `rounds` rounds of independent fused multiply-adds that never leave the registers, in the widest registers that
/// the compiler uses for this machine, on the calling thread. Returns the number of floating-point operations, two
/// a multiply-add and lane.
std::uint64_t multiply_and_add(std::uint64_t rounds);

}  // namespace farpoint::select
