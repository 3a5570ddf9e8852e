// SPDX-License-Identifier: Apache-2.0
#include "placement.hpp"

#include <ATen/Context.h>
#include <fmt/format.h>

#include "farpoint/base/error.hpp"

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

int cuda_devices() {
  return at::hasCUDA() ? static_cast<int>(at::detail::getCUDAHooks().deviceCount()) : 0;
}

bool cpu_computes(Precision precision) {
  switch (precision) {
    case Precision::bf16:
      return __builtin_cpu_supports("avx512bf16") != 0;
    case Precision::fp16:
      return false;  // worth it only with AVX512-FP16 or AMX, which oneDNN uses for products but libtorch not for the
                     // rest
    case Precision::fp32:
      break;
  }
  return true;
}

Placement place(const Execution& execution) {
  Placement placement;
  const int gpus = execution.device == Device::cpu ? 0 : cuda_devices();
  if (execution.device == Device::cuda && gpus == 0) {
    throw UsageError(
        "device is cuda, but this process sees no GPU: check the driver and CUDA_VISIBLE_DEVICES and that libtorch was "
        "installed with CUDA (scripts/libtorch.sh cuda), or set run.device to auto or cpu");
  }
  placement.batch = gpus > 0 ? cuda_batch : cpu_batch;
  if (gpus > 0) {
    placement.device = at::Device(at::kCUDA, static_cast<at::DeviceIndex>(execution.node_rank % gpus));
    placement.type = scalar_type(execution.precision);
  } else if (cpu_computes(execution.precision)) {
    placement.type = scalar_type(execution.precision);
  }
  if (execution.batch_tokens > 0) placement.batch.most = execution.batch_tokens;
  return placement;
}

std::string describe(const Execution& execution) {
  const auto placement = place(execution);
  const auto* const type = placement.type == at::kFloat ? "fp32" : placement.type == at::kHalf ? "fp16" : "bf16";
  return fmt::format("{}, {}", placement.device.str(), type);
}

}  // namespace farpoint::models
