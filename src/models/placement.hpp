// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include "batching.hpp"
#include "farpoint/models/execution.hpp"

namespace farpoint::models {

/// An Execution on this machine: everything resolved.
struct Placement {
  at::Device device = at::kCPU;
  at::ScalarType type = at::kFloat;  ///< of weights and activations
  BatchSizes batch;
  std::function<void()> between_batches;

  at::TensorOptions options() const { return at::TensorOptions().device(device).dtype(type); }
  bool on_cpu() const { return device.is_cpu(); }
  BatchRun batch_run() const { return {on_cpu(), between_batches}; }
};

/// Number of GPUs that libtorch can use.
int libtorch_devices();

/// Throws UsageError when `execution` asks for a GPU and there is none.
Placement place(const Execution& execution);

}  // namespace farpoint::models
