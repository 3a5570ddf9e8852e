// SPDX-License-Identifier: Apache-2.0
#include "kernel_table.hpp"

namespace farpoint::models {

// As many sums as with AVX-512 alone.
Kernels avx512_bf16_kernels() {
  return kernels_of<Bf16Operands, 8, 2>();
}

}  // namespace farpoint::models
