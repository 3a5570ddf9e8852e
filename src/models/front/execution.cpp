// SPDX-License-Identifier: Apache-2.0
#include "farpoint/models/execution.hpp"

#include <fmt/format.h>

#include "driver.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/machine.hpp"
#include "model_library.hpp"
#include "resolved_execution.hpp"

namespace farpoint::models {

namespace {

std::string name_of(Precision precision) {
  switch (precision) {
    case Precision::bf16:
      return "bf16";
    case Precision::fp16:
      return "fp16";
    case Precision::fp32:
      break;
  }
  return "fp32";
}

}  // namespace

int cuda_devices() {
  // libtorch has the last word, as a driver may be too old for it, but is asked only where there is something to find.
  if (FARPOINT_LIBTORCH_CUDA == 0 || driver_devices() == 0) return 0;
  return model_library().cuda_devices();
}

bool cpu_computes(Precision precision) {
  switch (precision) {
    case Precision::bf16:
      return best_instructions() >= Instructions::avx512_bf16;
    case Precision::fp16:
      return false;  // worth it only with AVX512-FP16 or AMX, which oneDNN uses for products but libtorch not for the
                     // rest
    case Precision::fp32:
      break;
  }
  return true;
}

ResolvedExecution resolve(const Execution& execution) {
  const int gpus = execution.device == Device::cpu ? 0 : cuda_devices();
  if (execution.device == Device::cuda && gpus == 0) {
    throw UsageError(
        "device is cuda, but this process sees no GPU: check the driver and CUDA_VISIBLE_DEVICES and that libtorch was "
        "installed with CUDA (scripts/libtorch.sh cuda), or set run.device to auto or cpu");
  }
  if (gpus > 0) return {execution.node_rank % gpus, execution.precision};
  return {{}, cpu_computes(execution.precision) ? execution.precision : Precision::fp32};
}

std::string describe(const Execution& execution) {
  check_model_library();
  const auto [gpu, precision] = resolve(execution);
  return fmt::format("{}, {}", gpu ? fmt::format("cuda:{}", *gpu) : "cpu", name_of(precision));
}

}  // namespace farpoint::models
