// SPDX-License-Identifier: Apache-2.0
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include "cuda/log_sum.hpp"
#include "device_kernels.hpp"

namespace farpoint::models {

namespace {

std::optional<DeviceNumber> number_of(at::ScalarType type) {
  if (type == at::kFloat) return DeviceNumber::fp32;
  if (type == at::kBFloat16) return DeviceNumber::bf16;
  if (type == at::kHalf) return DeviceNumber::fp16;
  return std::nullopt;
}

}  // namespace

bool add_log_sum_on_gpu(const at::Tensor& logits, const at::Tensor& targets, const RunningSums& sums) {
  const auto number = number_of(logits.scalar_type());
  if (!logits.is_cuda() || !number) return false;
  const c10::cuda::CUDAGuard guard(logits.device());
  const at::Tensor dense = logits.contiguous();
  add_log_sum_on_device({dense.const_data_ptr(), dense.size(0), dense.size(1), targets.const_data_ptr<std::int64_t>(),
                         sums.greatest.mutable_data_ptr<float>(), sums.sum.mutable_data_ptr<float>(),
                         sums.target.mutable_data_ptr<float>(), c10::cuda::getCurrentCUDAStream().stream()},
                        *number);
  return true;
}

}  // namespace farpoint::models
