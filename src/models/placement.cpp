// SPDX-License-Identifier: Apache-2.0
#include "placement.hpp"

#include <ATen/Context.h>

#include "front/resolved_execution.hpp"

namespace farpoint::models {

namespace {

// A thread's working set should stay in its cache: batches of 2,048 tokens beat 8,192 by 14 to 100 %.
constexpr BatchSizes cpu_batch{2048, 512};
// A small model must get enough to do to hide what starting a kernel costs.
constexpr BatchSizes cuda_batch{65536, 65536};

at::ScalarType scalar_type(Precision precision) {
  switch (precision) {
    case Precision::bf16:
      return at::kBFloat16;
    case Precision::fp16:
      return at::kHalf;
    case Precision::fp32:
      break;
  }
  return at::kFloat;
}

}  // namespace

int libtorch_devices() {
  return at::hasCUDA() ? static_cast<int>(at::detail::getCUDAHooks().deviceCount()) : 0;
}

Placement place(const Execution& execution) {
  const auto [gpu, precision] = resolve(execution);
  Placement placement;
  placement.batch = gpu ? cuda_batch : cpu_batch;
  if (gpu) placement.device = at::Device(at::kCUDA, static_cast<at::DeviceIndex>(*gpu));
  placement.type = scalar_type(precision);
  if (execution.batch_tokens > 0) placement.batch.most = execution.batch_tokens;
  placement.between_batches = execution.between_batches;
  return placement;
}

}  // namespace farpoint::models
