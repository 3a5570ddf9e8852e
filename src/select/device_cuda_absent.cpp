// SPDX-License-Identifier: Apache-2.0
// In builds without CUDA.
#include "device_accelerator.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/select/device.hpp"

namespace farpoint::select {

int cuda_devices() {
  return 0;
}

void check_cuda_support() {
  throw UsageError(
      "device is cuda, but this program was built without CUDA: build it where there is a CUDA compiler "
      "(scripts/libtorch.sh nvcc fetches one), or set device to cpu");
}

std::unique_ptr<Accelerator> make_cuda_accelerator(std::optional<int>, int) {
  check_cuda_support();
  return nullptr;
}

}  // namespace farpoint::select
