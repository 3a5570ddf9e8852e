// SPDX-License-Identifier: Apache-2.0
#include "kernel_table.hpp"

namespace farpoint::models {

// Six rows and a panel: twelve registers of eight numbers, of sixteen.
KernelTable avx2_kernels() {
  return kernel_table<6, 1>();
}

}  // namespace farpoint::models
