// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include "kernels.hpp"

namespace farpoint::models {

/// The kernels of this processor for tensors like x: on the CPU, float32 or bfloat16. Null where libtorch's operators
/// have to do: also in training, where gradients need them.
const Kernels* cpu_kernels(const at::Tensor& x);

/// x itself if its rows are dense, else a copy; for tensors of two dimensions.
at::Tensor with_dense_rows(const at::Tensor& x);

}  // namespace farpoint::models
