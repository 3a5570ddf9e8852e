// SPDX-License-Identifier: Apache-2.0
// The loop behind MinHash, compiled once for each kind of processor. Nothing here may come from the standard library:
// the linker could take its code, made for the newest processor, for the whole program.
#pragma once

#include "minhash_task.hpp"

namespace farpoint::dedup {

namespace {

using Lanes = uint32_t __attribute__((vector_size(minhash_lanes * sizeof(uint32_t))));
using UnalignedLanes =
    uint32_t __attribute__((vector_size(minhash_lanes * sizeof(uint32_t)), aligned(sizeof(uint32_t))));

/// 32 bits of a shingle's hash that depend on all of its bits.
inline uint32_t mixed_to_32(uint64_t hash) {
  return static_cast<uint32_t>((hash ^ (hash >> 32)) * 0xd6e8feb86659fd93ULL >> 32);
}

/// `width` times as many permutations as there are lanes, whose minima stay in registers.
template <size_t width>
inline void minima_of_tile(const MinHashTask& task, size_t first) {
  Lanes xors[width];
  Lanes factors[width];
  Lanes minima[width];
  for (size_t k = 0; k < width; ++k) {
    xors[k] = *reinterpret_cast<const UnalignedLanes*>(task.xors + first + k * minhash_lanes);
    factors[k] = *reinterpret_cast<const UnalignedLanes*>(task.factors + first + k * minhash_lanes);
    minima[k] = Lanes{} + UINT32_MAX;
  }
  for (size_t i = 0; i < task.shingle_count; ++i) {
    const uint32_t x = mixed_to_32(task.shingles[i]);
    for (size_t k = 0; k < width; ++k) {
      const Lanes value = (x ^ xors[k]) * factors[k];
      minima[k] = value < minima[k] ? value : minima[k];
    }
  }
  for (size_t k = 0; k < width; ++k) {
    *reinterpret_cast<UnalignedLanes*>(task.minima + first + k * minhash_lanes) = minima[k];
  }
}

template <size_t width>
inline void minima_of(const MinHashTask& task) {
  size_t first = 0;
  for (; first + width * minhash_lanes <= task.permutations; first += width * minhash_lanes) {
    minima_of_tile<width>(task, first);
  }
  for (; first < task.permutations; first += minhash_lanes) minima_of_tile<1>(task, first);
}

}  // namespace
}  // namespace farpoint::dedup
