// SPDX-License-Identifier: Apache-2.0
#pragma once

// For kernels that are compiled once for each kind of processor, which must not see the standard library.
#include <stddef.h>

namespace farpoint {

/// How many numbers of 32 bits a vector register holds of the processor that the source is compiled for. Vectors of
/// more are no gain: compilers keep them in memory, and load and store them at each step.
#if defined(__AVX512F__)
constexpr size_t register_lanes = 16;
#elif defined(__AVX2__)
constexpr size_t register_lanes = 8;
#else
constexpr size_t register_lanes = 4;
#endif

}  // namespace farpoint
