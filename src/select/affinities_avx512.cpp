// SPDX-License-Identifier: Apache-2.0
#include "affinity_kernel.hpp"

namespace farpoint::select {

// Eight rows and two panels: sixteen registers of sixteen numbers, of thirty-two.
void run_avx512(const AffinityTask<float>& task) {
  AffinityKernel<GreatestInLanes, 8, 2>(task).run();
}
void run_avx512(const AffinityTask<TopTwo>& task) {
  AffinityKernel<TwoGreatestInLanes, 8, 2>(task).run();
}
void run_avx512(const ProductTask& task) {
  multiply_rows(task);
}

}  // namespace farpoint::select
