// SPDX-License-Identifier: Apache-2.0
#include "kernel_table.hpp"

namespace farpoint::models {

// Six rows and two panels: twelve registers of sums, of sixteen.
KernelTable avx2_kernels() {
  return kernel_table<6, 2>();
}

}  // namespace farpoint::models
