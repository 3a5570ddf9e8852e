// SPDX-License-Identifier: Apache-2.0
#include "affinity_kernel.hpp"

namespace farpoint::select {

// Six rows and a panel: twelve registers of eight numbers, of sixteen.
void run_avx2(const AffinityTask<float>& task) {
  AffinityKernel<GreatestInLanes, 6, 1>(task).run();
}
void run_avx2(const AffinityTask<TopTwo>& task) {
  AffinityKernel<TwoGreatestInLanes, 6, 1>(task).run();
}
void run_avx2(const ProductTask& task) {
  multiply_rows(task);
}

}  // namespace farpoint::select
