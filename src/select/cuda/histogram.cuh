// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "selection_tasks.hpp"

namespace farpoint::select {

constexpr std::uint32_t histogram_threads = 256;

/// A histogram for each block of threads first: most rows are in few bins, and would wait for each other.
static __global__ void __launch_bounds__(histogram_threads) count_digits(const HistogramTask task, std::uint32_t rows) {
  __shared__ std::uint32_t bins[Digit::bins];
  for (std::uint32_t bin = threadIdx.x; bin < Digit::bins; bin += histogram_threads) bins[bin] = 0;
  __syncthreads();
  const std::uint64_t stride = static_cast<std::uint64_t>(gridDim.x) * histogram_threads;
  for (std::uint64_t row = static_cast<std::uint64_t>(blockIdx.x) * histogram_threads + threadIdx.x; row < rows;
       row += stride) {
    const std::uint32_t bin = task.bin_of(static_cast<std::uint32_t>(row));
    if (bin != HistogramTask::nowhere) atomicAdd(bins + bin, 1U);
  }
  __syncthreads();
  for (std::uint32_t bin = threadIdx.x; bin < Digit::bins; bin += histogram_threads) {
    if (bins[bin] != 0) atomicAdd(task.bins + bin, bins[bin]);
  }
}

}  // namespace farpoint::select
