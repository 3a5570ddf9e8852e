// SPDX-License-Identifier: Apache-2.0
#include "norm.hpp"

#include "cpu_kernels.hpp"
#include "recording.hpp"

namespace farpoint::models {

namespace {

/// x (+ addend) as rows of its last dimension, normed by `kernel` into a new tensor of its shape.
at::Tensor norm_rows(void (*kernel)(const NormTask&), const at::Tensor& x, const at::Tensor& addend,
                     const at::Tensor& weight, const at::Tensor& bias, double eps) {
  const auto width = x.size(-1);
  const at::Tensor rows = x.dim() == 2 ? with_dense_rows(x) : x.reshape({-1, width});
  const at::Tensor result = at::empty(x.sizes(), x.options());
  NormTask task;
  task.x = rows.const_data_ptr();
  task.addend = addend.defined() ? addend.mutable_data_ptr() : nullptr;
  task.weight = weight.const_data_ptr();
  task.bias = bias.defined() ? bias.const_data_ptr() : nullptr;
  task.result = result.mutable_data_ptr();
  task.rows = static_cast<std::size_t>(rows.size(0));
  task.width = static_cast<std::size_t>(width);
  task.stride = static_cast<std::size_t>(rows.stride(0));
  task.eps = static_cast<float>(eps);
  kernel(task);
  return result;
}

}  // namespace

LayerNorm::LayerNorm(at::Tensor weight, at::Tensor bias, double eps)
    : weight_(std::move(weight)), bias_(std::move(bias)), eps_(eps) {}

at::Tensor LayerNorm::operator()(const at::Tensor& x) const {
  if (const auto* kernels = cpu_kernels(x)) return norm_rows(kernels->layer_norm, x, {}, weight_, bias_, eps_);
  return at::layer_norm(x, weight_.sizes(), weight_, bias_, eps_);
}

Normed LayerNorm::of_sum(const at::Tensor& x, const at::Tensor& addend) const {
  if (!addend.defined()) return {x, (*this)(x)};
  if (const auto* kernels = cpu_kernels(x)) {
    const at::Tensor normed = norm_rows(kernels->layer_norm, x, addend, weight_, bias_, eps_);
    return {addend, normed};
  }
  const at::Tensor sum = is_recorded(addend) ? addend + x : addend.add_(x);
  return {sum, (*this)(sum)};
}

RmsNorm::RmsNorm(at::Tensor weight, double eps) : weight_(std::move(weight)), eps_(eps) {}

at::Tensor RmsNorm::operator()(const at::Tensor& x) const {
  if (const auto* kernels = cpu_kernels(x)) return norm_rows(kernels->rms_norm, x, {}, weight_, {}, eps_);
  const at::Tensor wide = x.to(at::kFloat);
  const at::Tensor scale = at::rsqrt(wide.pow(2).mean(-1, true).add_(eps_));
  return (wide * scale).to(x.scalar_type()).mul_(weight_);
}

Normed RmsNorm::of_sum(const at::Tensor& x, const at::Tensor& addend) const {
  if (!addend.defined()) return {x, (*this)(x)};
  if (const auto* kernels = cpu_kernels(x)) {
    const at::Tensor normed = norm_rows(kernels->rms_norm, x, addend, weight_, {}, eps_);
    return {addend, normed};
  }
  const at::Tensor sum = is_recorded(addend) ? addend + x : addend.add_(x);
  return {sum, (*this)(sum)};
}

}  // namespace farpoint::models
