// SPDX-License-Identifier: Apache-2.0
#include "cpu_kernels.hpp"

#include "recording.hpp"

namespace farpoint::models {

const Kernels* cpu_kernels(const at::Tensor& x) {
  if (!x.device().is_cpu() || is_recorded(x)) return nullptr;
  const auto& table = kernels_for(best_instructions());
  if (x.scalar_type() == at::kFloat) return &table.fp32;
  return x.scalar_type() == at::kBFloat16 ? &table.bf16 : nullptr;
}

at::Tensor with_dense_rows(const at::Tensor& x) {
  return x.stride(1) == 1 ? x : x.contiguous();
}

}  // namespace farpoint::models
