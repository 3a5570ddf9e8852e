// SPDX-License-Identifier: Apache-2.0
#include "affinity_kernel.hpp"

namespace farpoint::select {

// Two rows and four strips: eight registers of sums, of sixteen.
AffinityKernels portable_kernels() {
  return kernels<2, 4>();
}

}  // namespace farpoint::select
