// SPDX-License-Identifier: Apache-2.0
// The products of product_tasks.hpp as a GPU likes them: a block of threads holds a tile of rows and a tile of centres
// in shared memory, and each thread the products of a few of them in registers. Single precision on the ordinary cores:
// the error bound of screening.hpp holds for these, not for the shorter numbers of tensor cores.
#pragma once

#include "product_tasks.hpp"

namespace farpoint::select {

constexpr std::uint32_t tile = 64;      ///< rows, and centres
constexpr std::uint32_t of_thread = 4;  ///< rows, and centres, of one thread
constexpr std::uint32_t side = tile / of_thread;
constexpr std::uint32_t tile_threads = side * side;
constexpr std::uint32_t step = 16;  ///< components at a time

/// Component by component. Four numbers more keep the columns in different banks, and groups of four aligned.
struct SharedTile {
  alignas(16) float numbers[step][tile + 4];
};

/// What the threads of a block share.
struct SharedTiles {
  SharedTile rows, centres;
  std::uint32_t row_numbers[tile];
};

/// Rows [64 blockIdx.x, ...) of a view. The last tile repeats the last row where it has too few.
__device__ inline void load_row_numbers(const ProductView& view, SharedTiles& shared) {
  const std::uint32_t i = blockIdx.x * tile + threadIdx.x;
  if (threadIdx.x < tile) shared.row_numbers[threadIdx.x] = view.row(i < view.count ? i : view.count - 1);
  __syncthreads();
}

/// Components [k, k + step) of the tile's rows and of the centres from `c` on; zeros behind the last.
__device__ inline void load_tiles(const ProductView& view, std::uint32_t c, std::uint32_t k, SharedTiles& shared) {
  for (std::uint32_t place = threadIdx.x; place < tile * step; place += tile_threads) {
    const std::uint32_t component = place % step;
    const std::uint32_t which = place / step;
    const bool is_inside = k + component < view.rows.dimension;
    shared.rows.numbers[component][which] = is_inside ? view.rows.at(shared.row_numbers[which], k + component) : 0.0F;
    shared.centres.numbers[component][which] =
        is_inside && c + which < view.end ? view.centres.row(c + which, view.rows.dimension)[k + component] : 0.0F;
  }
}

/// sums[i][j]: of row 4 * (threadIdx.x / 16) + i of the tile with centre c + 4 * (threadIdx.x % 16) + j.
__device__ inline void multiply_tiles(const ProductView& view, std::uint32_t c, SharedTiles& shared,
                                      float (&sums)[of_thread][of_thread]) {
  const std::uint32_t row = threadIdx.x / side * of_thread;
  const std::uint32_t centre = threadIdx.x % side * of_thread;
  for (auto& of_row : sums) {
    for (float& sum : of_row) sum = 0;
  }
  for (std::uint32_t k = 0; k < view.rows.dimension; k += step) {
    __syncthreads();  // nobody needs the tiles before
    load_tiles(view, c, k, shared);
    __syncthreads();
#pragma unroll
    for (std::uint32_t component = 0; component < step; ++component) {
      float x[of_thread];
      float y[of_thread];
#pragma unroll
      for (std::uint32_t i = 0; i < of_thread; ++i) {
        x[i] = shared.rows.numbers[component][row + i];
        y[i] = shared.centres.numbers[component][centre + i];
      }
#pragma unroll
      for (std::uint32_t i = 0; i < of_thread; ++i) {
#pragma unroll
        for (std::uint32_t j = 0; j < of_thread; ++j) sums[i][j] = __fmaf_rn(x[i], y[j], sums[i][j]);
      }
    }
  }
}

/// The first centre that any row of the tile has not seen; called by all threads.
__device__ inline std::uint32_t least_first_centre(const ProductView& view, const SharedTiles& shared) {
  if (view.applied == nullptr) return 0;
  std::uint32_t least = view.end;
  for (const std::uint32_t row : shared.row_numbers) least = min(least, view.applied[row]);
  return least;
}

/// One block for 64 rows (x) and a part of the centres (y).
static __global__ void __launch_bounds__(tile_threads) fold_tiles(const FoldTask task) {
  __shared__ SharedTiles shared;
  __shared__ TopTwo of_threads[tile][side + 1];
  const ProductView& view = task.view;
  load_row_numbers(view, shared);
  const std::uint32_t row = threadIdx.x / side * of_thread;
  const std::uint32_t column = threadIdx.x % side;
  TopTwo tops[of_thread];
  std::uint32_t first[of_thread];
  for (std::uint32_t i = 0; i < of_thread; ++i) {
    tops[i] = empty_top();
    first[i] = view.applied == nullptr ? 0 : view.applied[shared.row_numbers[row + i]];
  }
  const std::uint32_t end = task.part_end(blockIdx.y);
  for (std::uint32_t c = max(task.part_begin(blockIdx.y), least_first_centre(view, shared)); c < end; c += tile) {
    float sums[of_thread][of_thread];
    multiply_tiles(view, c, shared, sums);
    for (std::uint32_t j = 0; j < of_thread; ++j) {
      const std::uint32_t centre = c + column * of_thread + j;
      if (centre >= end) break;
      for (std::uint32_t i = 0; i < of_thread; ++i) {
        if (centre >= first[i]) fold(tops[i], view.affinity(sums[i][j], centre), centre);
      }
    }
  }
  for (std::uint32_t i = 0; i < of_thread; ++i) of_threads[row + i][column] = tops[i];
  __syncthreads();
  const std::uint32_t i = blockIdx.x * tile + threadIdx.x;
  if (threadIdx.x >= tile || i >= view.count) return;
  TopTwo top = of_threads[threadIdx.x][0];
  for (std::uint32_t t = 1; t < side; ++t) merge(top, of_threads[threadIdx.x][t]);
  task.tops[static_cast<std::size_t>(blockIdx.y) * view.count + i] = top;
}

/// One block for 64 rows (x) and 64 centres (y).
static __global__ void __launch_bounds__(tile_threads) matrix_tiles(const AffinityMatrixTask task) {
  __shared__ SharedTiles shared;
  const ProductView& view = task.view;
  load_row_numbers(view, shared);
  const std::uint32_t row = blockIdx.x * tile + threadIdx.x / side * of_thread;
  const std::uint32_t c = view.begin + blockIdx.y * tile;
  float sums[of_thread][of_thread];
  multiply_tiles(view, c, shared, sums);
  for (std::uint32_t i = 0; i < of_thread && row + i < view.count; ++i) {
    float* const affinities = task.affinities + static_cast<std::size_t>(row + i) * task.width();
    for (std::uint32_t j = 0; j < of_thread; ++j) {
      const std::uint32_t centre = c + threadIdx.x % side * of_thread + j;
      if (centre < view.end) affinities[centre - view.begin] = view.affinity(sums[i][j], centre);
    }
  }
}

}  // namespace farpoint::select
