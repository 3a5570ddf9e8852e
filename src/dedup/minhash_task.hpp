// SPDX-License-Identifier: Apache-2.0
#pragma once

// For minhash_kernel.hpp, which must not see the standard library.
#include <stddef.h>
#include <stdint.h>

namespace farpoint::dedup {

/// The least value of each permutation over all shingles.
struct MinHashTask {
  const uint64_t* shingles;
  size_t shingle_count;
  const uint32_t* xors;     ///< [permutations]
  const uint32_t* factors;  ///< [permutations]
  size_t permutations;      ///< a multiple of the lanes
  uint32_t* minima;         ///< [permutations]
};

inline constexpr size_t minhash_lanes = 16;

using MinHashKernel = void (*)(const MinHashTask&);
// Each in a file of its own, compiled for its processors.
void minhash_portable(const MinHashTask& task);
void minhash_avx2(const MinHashTask& task);
void minhash_avx512(const MinHashTask& task);

}  // namespace farpoint::dedup
