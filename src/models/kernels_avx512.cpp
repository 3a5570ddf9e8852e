// SPDX-License-Identifier: Apache-2.0
#include "kernel_table.hpp"

namespace farpoint::models {

// Eight rows and two panels: sixteen registers of sums, of thirty-two.
KernelTable avx512_kernels() {
  return kernel_table<8, 2>();
}

}  // namespace farpoint::models
