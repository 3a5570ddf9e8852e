// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "farpoint/select/distance.hpp"

namespace farpoint::select {

constexpr std::size_t canonical_lanes = 8;

/// canonical(metric, x, y) for several y at once, to the same bits: each sum runs in index order, and because the sums
/// do not depend on each other the processor works on all of them at a time.
std::array<double, canonical_lanes> canonical_batch(Metric metric, std::span<const float> x,
                                                    const std::array<const float*, canonical_lanes>& ys);

/// The same for several pairs: canonical(metric, x, y) of xs[lane] and ys[lane], of `dimension` numbers each.
std::array<double, canonical_lanes> canonical_pairs(Metric metric, std::size_t dimension,
                                                    const std::array<const float*, canonical_lanes>& xs,
                                                    const std::array<const float*, canonical_lanes>& ys);

}  // namespace farpoint::select
