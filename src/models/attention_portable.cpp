// SPDX-License-Identifier: Apache-2.0
#include "attention_kernel.hpp"

namespace farpoint::models {

// Two rows and a panel: eight registers of four numbers, of sixteen.
AttentionKernels portable_attention_kernels() {
  return attention_kernels<2, 1>();
}

}  // namespace farpoint::models
