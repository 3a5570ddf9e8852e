// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "blas.hpp"
#include "centres.hpp"

namespace farpoint::select {

// A block of rows, a block of centres and their products stay in a core's second-level cache.
constexpr std::size_t block_rows = 256;
constexpr std::size_t block_centres = 256;
constexpr std::size_t block_products = block_rows * block_centres;

/// Calls fold(c, column) for each centre c from `first` on; column[i] is the scaled product of rows i and c. `count` is
/// at most block_rows; `work` has room for block_products numbers.
template <typename Fold>
void fold_products(float scale, const float* rows, std::size_t count, const Centres& centres, std::size_t first,
                   std::span<float> work, const Fold& fold) {
  for (std::size_t begin = first; begin < centres.count(); begin += block_centres) {
    const std::size_t width = std::min(block_centres, centres.count() - begin);
    products(scale, rows, count, centres.row(begin), width, centres.dimension(), work.data());
    for (std::size_t j = 0; j < width; ++j) fold(begin + j, work.data() + j * count);
  }
}

}  // namespace farpoint::select
