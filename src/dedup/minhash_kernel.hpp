// SPDX-License-Identifier: Apache-2.0
// The loop behind MinHash, compiled once for each kind of processor. Nothing here may come from the standard library:
// the linker could take its code, made for the newest processor, for the whole program.
#pragma once

#include "farpoint/base/register_lanes.hpp"
#include "minhash_task.hpp"

namespace farpoint::dedup {

namespace {

constexpr size_t lanes = register_lanes;
static_assert(minhash_lanes % lanes == 0);
using Lanes = uint32_t __attribute__((vector_size(lanes * sizeof(uint32_t))));

/// From any address.
inline Lanes load(const uint32_t* from) {
  Lanes x;
  __builtin_memcpy(&x, from, sizeof(x));
  return x;
}

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
    xors[k] = load(task.xors + first + k * lanes);
    factors[k] = load(task.factors + first + k * lanes);
    minima[k] = Lanes{} + UINT32_MAX;
  }
  for (size_t i = 0; i < task.shingle_count; ++i) {
    const uint32_t x = mixed_to_32(task.shingles[i]);
    for (size_t k = 0; k < width; ++k) {
      const Lanes value = (x ^ xors[k]) * factors[k];
      minima[k] = value < minima[k] ? value : minima[k];
    }
  }
  for (size_t k = 0; k < width; ++k) __builtin_memcpy(task.minima + first + k * lanes, &minima[k], sizeof(Lanes));
}

template <size_t width>
inline void minima_of(const MinHashTask& task) {
  size_t first = 0;
  for (; first + width * lanes <= task.permutations; first += width * lanes) {
    minima_of_tile<width>(task, first);
  }
  for (; first < task.permutations; first += lanes) minima_of_tile<1>(task, first);
}

}  // namespace
}  // namespace farpoint::dedup
