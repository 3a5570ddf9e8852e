// SPDX-License-Identifier: Apache-2.0
#include "dropout.hpp"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <c10/core/GradMode.h>

#include "farpoint/base/random.hpp"

namespace farpoint::models {

namespace {

at::Generator new_generator(at::Device device) {
  if (device.is_cpu()) return at::detail::createCPUGenerator();
  return at::globalContext().getAcceleratorHooksInterface(device.type()).getNewGenerator(device.index());
}

}  // namespace

Dropout::Dropout(std::uint64_t seed, std::uint64_t step, std::uint64_t place, at::Device device)
    : generator_(new_generator(device)) {
  generator_.set_current_seed(random_bits(seed, step, place));
}

at::Tensor Dropout::operator()(const at::Tensor& x, double share) {
  if (share >= 1) return at::zeros_like(x);
  at::Tensor mask;
  {
    const c10::NoGradGuard unrecorded;
    mask = at::empty(x.sizes(), x.options().requires_grad(false)).bernoulli_(1 - share, generator_).div_(1 - share);
  }
  return x * mask;
}

at::Tensor dropped(const at::Tensor& x, double share, const PackedBatch& batch) {
  return batch.dropout == nullptr || share == 0 ? x : (*batch.dropout)(x, share);
}

}  // namespace farpoint::models
