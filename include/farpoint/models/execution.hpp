// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "farpoint/base/device.hpp"

/// Language models on libtorch: encoders to vectors, causal models to likelihoods. No libtorch in the public headers.
namespace farpoint::models {

using farpoint::Device;
using farpoint::Precision;

/// Where and how a model computes.
struct Execution {
  Device device = Device::automatic;
  /// Which GPU: the rank's index on its node; taken modulo the number of GPUs.
  int node_rank = 0;
  /// Of weights and activations. Sums (pooling, norms, likelihoods) are float32 whatever this says. A CPU without
  /// instructions for bf16 or fp16 computes in float32 (cpu_computes()).
  Precision precision = Precision::fp32;
  /// Tokens that go through the model at once; 0: what suits the device. Changes rounding, so results may differ in
  /// the last bits.
  std::int64_t batch_tokens = 0;
  /// Called before each batch, by the thread that computes it; what it throws ends the call at hand. May be empty.
  std::function<void()> between_batches = {};
};

/// Number of GPUs that this process can use; 0 without a GPU or in a build without CUDA.
int cuda_devices();

/// True when this machine can compute in `precision` on its CPU faster than in float32.
bool cpu_computes(Precision precision);

/// What `execution` comes to on this machine, such as "cpu, fp32" or "cuda:1, bf16". Throws UsageError when it asks for
/// a GPU and there is none.
std::string describe(const Execution& execution);

}  // namespace farpoint::models
