// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

namespace farpoint::models {

/// A sum and what its norm makes of it.
struct Normed {
  at::Tensor sum;
  at::Tensor normed;
};

/// Over the last dimension, in float32 inside.
class LayerNorm {
 public:
  LayerNorm() = default;
  /// `bias` may be undefined.
  LayerNorm(at::Tensor weight, at::Tensor bias, double eps);
  at::Tensor operator()(const at::Tensor& x) const;
  /// Of x + addend, in one sweep; an undefined addend is 0. The sum takes the place of the addend, whose numbers are
  /// gone afterwards, but not in training. Both are [rows, width], the addend dense.
  Normed of_sum(const at::Tensor& x, const at::Tensor& addend) const;

 private:
  at::Tensor weight_;
  at::Tensor bias_;
  double eps_ = 0;
};

/// x / sqrt(mean(x^2) + eps) * weight over the last dimension, in float32 inside (Zhang and Sennrich 2019).
class RmsNorm {
 public:
  RmsNorm() = default;
  RmsNorm(at::Tensor weight, double eps);
  at::Tensor operator()(const at::Tensor& x) const;
  /// As LayerNorm's.
  Normed of_sum(const at::Tensor& x, const at::Tensor& addend) const;

 private:
  at::Tensor weight_;
  double eps_ = 0;
};

}  // namespace farpoint::models
