// SPDX-License-Identifier: Apache-2.0
#include "kernel_table.hpp"

namespace farpoint::models {

// Two rows and four panels: eight registers of sums, of sixteen.
KernelTable portable_kernels() {
  return kernel_table<2, 4>();
}

}  // namespace farpoint::models
