// SPDX-License-Identifier: Apache-2.0
#include "affinity_kernel.hpp"

namespace farpoint::select {

// Two rows and a panel: eight registers of four numbers, of sixteen.
AffinityKernels portable_kernels() {
  return kernels<2, 1>();
}

}  // namespace farpoint::select
