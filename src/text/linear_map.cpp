// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "farpoint/base/error.hpp"
#include "farpoint/text/whitening.hpp"

// Wider registers where the processor has them: each number of the result has its own sum, so the bits are the same.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define FARPOINT_FOR_EACH_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FARPOINT_FOR_EACH_PROCESSOR
#endif

namespace farpoint::text {

namespace {

constexpr std::size_t tile_width = 32;
constexpr std::size_t block_rows = 4;

using Sums = std::array<std::array<float, tile_width>, block_rows>;

/// The products of four rows with a tile of the matrix, [from, tile_width].
FARPOINT_FOR_EACH_PROCESSOR void multiply_tile(const std::array<const float*, block_rows>& rows, std::size_t from,
                                               const float* tile, Sums& out) {
  Sums sums{};
  for (std::size_t k = 0; k < from; ++k) {
    for (std::size_t row = 0; row < block_rows; ++row) {
      const float factor = rows[row][k];
      for (std::size_t j = 0; j < tile_width; ++j) sums[row][j] += factor * tile[k * tile_width + j];
    }
  }
  out = sums;
}

}  // namespace

LinearMap::LinearMap(std::size_t from, std::size_t to, std::span<const float> matrix) : from_(from), to_(to) {
  if (matrix.size() != from * to) {
    throw Error(fmt::format("{} numbers for a map from {} to {} components", matrix.size(), from, to));
  }
  const std::size_t tiles = (to + tile_width - 1) / tile_width;
  tiles_.assign(tiles * from * tile_width, 0.0F);
  for (std::size_t k = 0; k < from; ++k) {
    for (std::size_t j = 0; j < to; ++j) {
      tiles_[(j / tile_width * from + k) * tile_width + j % tile_width] = matrix[k * to + j];
    }
  }
}

void LinearMap::apply(std::span<const float> rows, std::span<float> out) const {
  const std::size_t count = from_ == 0 ? 0 : rows.size() / from_;
  assert(out.size() == count * to_);
  Sums sums;
  for (std::size_t first = 0; first < count; first += block_rows) {
    std::array<const float*, block_rows> block;
    // The last block repeats its last row where it has less than four.
    for (std::size_t i = 0; i < block_rows; ++i) block[i] = rows.data() + std::min(first + i, count - 1) * from_;
    for (std::size_t begin = 0; begin < to_; begin += tile_width) {
      multiply_tile(block, from_, tiles_.data() + begin * from_, sums);
      const std::size_t width = std::min(tile_width, to_ - begin);
      for (std::size_t i = 0; i < block_rows && first + i < count; ++i) {
        std::copy_n(sums[i].begin(), width, out.begin() + static_cast<std::ptrdiff_t>((first + i) * to_ + begin));
      }
    }
  }
}

}  // namespace farpoint::text
