// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

#include "gradient_sums.hpp"
#include "trained_weights.hpp"

namespace farpoint::models {

/// AdamW (Loshchilov and Hutter 2019) as torch.optim.AdamW computes it, in float32, with its betas and eps. On a CPU by
/// a loop of ours: libtorch's rounds otherwise where the threads' shares end.
class AdamW {
 public:
  /// `weights` must outlive this. Costs 8 bytes a number.
  AdamW(const std::vector<TrainedWeight>& weights, double weight_decay);

  /// Changes the weights. `step` counts from 1; gradients are multiplied by `scale` first.
  void update(const GradientSums& gradients, double scale, double learning_rate, std::uint64_t step);

  const std::vector<at::Tensor>& first_moments() const { return first_; }
  const std::vector<at::Tensor>& second_moments() const { return second_; }

 private:
  const std::vector<TrainedWeight>& weights_;
  double weight_decay_;
  std::vector<at::Tensor> first_, second_;
};

/// The learning rate of step `step` (from 0) of `steps`, as a share of the largest: up in the first `warmup` (a share,
/// rounded up to whole steps), then down to 0, both in a straight line (transformers, get_linear_schedule_with_warmup).
double learning_rate_share(std::uint64_t step, std::uint64_t steps, double warmup);

}  // namespace farpoint::models
