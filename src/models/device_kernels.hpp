// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

namespace farpoint::models {

/// The running sums of a block of rows over the vocabulary's tiles, float32 [rows] on the device.
struct RunningSums {
  at::Tensor greatest;
  at::Tensor sum;
  at::Tensor target;
};

/// Adds the tile `logits` [rows, width]; `targets` int64 [rows] count from the tile's first word. False, and nothing
/// done, where this build has no kernel of its own for the tensor's device.
bool add_log_sum_on_gpu(const at::Tensor& logits, const at::Tensor& targets, const RunningSums& sums);

}  // namespace farpoint::models
