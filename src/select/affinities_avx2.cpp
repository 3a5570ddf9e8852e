// SPDX-License-Identifier: Apache-2.0
#include "affinity_kernel.hpp"

namespace farpoint::select {

// Six rows and a panel: twelve registers of eight numbers, of sixteen.
AffinityKernels avx2_kernels() {
  return kernels<6, 1>();
}

}  // namespace farpoint::select
