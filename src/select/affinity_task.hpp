// SPDX-License-Identifier: Apache-2.0
#pragma once

// For affinity_kernel.hpp, which must not see the standard library.
#include <stddef.h>
#include <stdint.h>

namespace farpoint::select {

/// What a kernel works on: affinities of `row_count` rows to the centres [first, end).
template <typename Result>
struct AffinityTask {
  const float* const* rows;
  size_t row_count;
  size_t dimension;
  const float* values;     ///< of CentrePanels
  const float* penalties;  ///< of CentrePanels
  size_t first;
  size_t end;
  float scale;
  Result* results;  ///< [row_count]
};

/// The two greatest affinities of a row, and which centre has the greatest: one of them on ties.
struct TopTwo {
  float greatest;
  float second;
  uint32_t centre;
};

/// Products of rows with one vector.
struct ProductTask {
  const float* const* rows;
  size_t row_count;
  size_t dimension;
  const float* vector;
  float* products;  ///< [row_count]
};

/// The programs for one kind of processor.
struct AffinityKernels {
  void (*greatest)(const AffinityTask<float>&);
  void (*two_greatest)(const AffinityTask<TopTwo>&);
  void (*products)(const ProductTask&);
};
// Each in a file of its own, compiled for its processors.
AffinityKernels portable_kernels();
AffinityKernels avx2_kernels();
AffinityKernels avx512_kernels();

}  // namespace farpoint::select
