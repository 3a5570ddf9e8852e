// SPDX-License-Identifier: Apache-2.0
#include "affinity_kernel.hpp"

namespace farpoint::select {

// Eight rows and two strips, here whole panels: sixteen registers of sums, of thirty-two.
AffinityKernels avx512_kernels() {
  return kernels<8, 2>();
}

}  // namespace farpoint::select
