// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include "farpoint/model_files/model_config.hpp"

namespace farpoint::models {

using model_files::Activation;

/// x W^T + b. On a CPU the weight lies in the blocks that oneDNN multiplies with, and bias and activation are applied
/// before the result leaves the registers. (A sum with a residual would fit there too, but costs more than it saves:
/// norms take it along, norm.hpp.) Weights in training stay as they are.
class Linear {
 public:
  Linear() = default;
  /// `weight` is [out, in]; `bias` is [out], or undefined for none.
  Linear(const at::Tensor& weight, const at::Tensor& bias);

  /// x is [rows, in], contiguous rows; the result is [rows, out].
  at::Tensor operator()(const at::Tensor& x) const;
  at::Tensor activated(const at::Tensor& x, Activation activation) const;
  /// Only the outputs from `first` on, `count` of them; for layers in training.
  at::Tensor part(const at::Tensor& x, std::int64_t first, std::int64_t count) const;

 private:
  at::Tensor weight_;  // [out, in], or in oneDNN's own layout
  at::Tensor bias_;
  bool packed_ = false;
};

/// activation(gate) * up of the two halves of x [rows, 2 * width].
at::Tensor gated(const at::Tensor& x, Activation activation);

/// Elementwise. gelu is the exact one (erf).
at::Tensor activate(const at::Tensor& x, Activation activation);

}  // namespace farpoint::models
