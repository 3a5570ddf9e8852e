// SPDX-License-Identifier: Apache-2.0
#include "affinity_kernel.hpp"

namespace farpoint::select {

// Two rows and a panel: eight registers of four numbers, of sixteen.
void run_portable(const AffinityTask<float>& task) {
  AffinityKernel<GreatestInLanes, 2, 1>(task).run();
}
void run_portable(const AffinityTask<TopTwo>& task) {
  AffinityKernel<TwoGreatestInLanes, 2, 1>(task).run();
}
void run_portable(const ProductTask& task) {
  multiply_rows(task);
}

}  // namespace farpoint::select
