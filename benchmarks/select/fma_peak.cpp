// SPDX-License-Identifier: Apache-2.0
#include "fma_peak.hpp"

#include <cstddef>

namespace farpoint::select {

namespace {

// As many sums as hide the latency of all units (4 or 5 cycles of 2 units), and leave registers for the factors.
#if defined(__AVX512F__)
constexpr std::size_t lanes = 16;
constexpr std::size_t sums_count = 24;
#elif defined(__AVX__)
constexpr std::size_t lanes = 8;
constexpr std::size_t sums_count = 12;
#else
constexpr std::size_t lanes = 4;
constexpr std::size_t sums_count = 12;
#endif
using Lanes = float __attribute__((vector_size(lanes * sizeof(float))));

}  // namespace

std::uint64_t multiply_and_add(std::uint64_t rounds) {
  // Not known to the compiler, and converging: no overflow, no subnormal numbers.
  volatile float half = 0.5F;
  const Lanes factor = Lanes{} + half;
  const Lanes addend = Lanes{} + half;
  Lanes sums[sums_count];
  for (std::size_t i = 0; i < sums_count; ++i) sums[i] = factor * static_cast<float>(i);
  for (std::uint64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 24
    for (Lanes& sum : sums) sum = sum * factor + addend;
  }
  Lanes all{};
  for (const auto& sum : sums) all += sum;
  volatile float kept = all[0];
  static_cast<void>(kept);
  return rounds * sums_count * lanes * 2;
}

}  // namespace farpoint::select
