// SPDX-License-Identifier: Apache-2.0
#include "attention_kernel.hpp"

namespace farpoint::models {

// Eight rows and two panels: sixteen registers of sixteen numbers, of thirty-two.
AttentionKernels avx512_attention_kernels() {
  return attention_kernels<8, 2>();
}

}  // namespace farpoint::models
