// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "farpoint/select/k_center.hpp"

namespace farpoint::select {

/// The baseline: k-center-greedy under cosine with one sweep over all vectors a pick, in single precision. Product,
/// minimum and search for the largest are fused, so it runs at the memory's limit. Near-ties may be decided otherwise
/// than by k_center.
std::vector<std::uint64_t> plain_loop(const Vectors& vectors, std::uint64_t records);

}  // namespace farpoint::select
