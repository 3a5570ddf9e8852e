// SPDX-License-Identifier: Apache-2.0
#include "affinity_kernel.hpp"

namespace farpoint::select {

// Six rows and two strips: twelve registers of sums, of sixteen.
AffinityKernels avx2_kernels() {
  return kernels<6, 2>();
}

}  // namespace farpoint::select
