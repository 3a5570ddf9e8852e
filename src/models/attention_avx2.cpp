// SPDX-License-Identifier: Apache-2.0
#include "attention_kernel.hpp"

namespace farpoint::models {

// Six rows and a panel: twelve registers of eight numbers, of sixteen.
AttentionKernels avx2_attention_kernels() {
  return attention_kernels<6, 1>();
}

}  // namespace farpoint::models
