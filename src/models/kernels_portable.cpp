// SPDX-License-Identifier: Apache-2.0
#include "kernel_table.hpp"

namespace farpoint::models {

// Two rows and a panel: eight registers of four numbers, of sixteen.
KernelTable portable_kernels() {
  return kernel_table<2, 1>();
}

}  // namespace farpoint::models
