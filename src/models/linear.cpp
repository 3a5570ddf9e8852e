// SPDX-License-Identifier: Apache-2.0
#include "linear.hpp"

#include <ATen/core/dispatch/Dispatcher.h>

#include <string_view>

#include "cpu_kernels.hpp"
#include "farpoint/models/execution.hpp"

namespace farpoint::models {

namespace {

using OptionalTensor = std::optional<at::Tensor>;
using Scalars = c10::List<std::optional<at::Scalar>>;

/// oneDNN's operators have no C++ declarations; they are found by name.
template <typename Signature>
c10::TypedOperatorHandle<Signature> find_operator(const char* name) {
  return c10::Dispatcher::singleton().findSchemaOrThrow(name, "").typed<Signature>();
}

at::Tensor reorder_weight(const at::Tensor& weight) {
  static const auto reorder =
      find_operator<at::Tensor(const at::Tensor&, std::optional<c10::SymInt>)>("mkldnn::_reorder_linear_weight");
  return reorder.call(weight, std::nullopt);
}

at::Tensor packed_product(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                          std::string_view activation, std::string_view algorithm) {
  static const auto product =
      find_operator<at::Tensor(const at::Tensor&, const at::Tensor&, const OptionalTensor&, std::string_view, Scalars,
                               std::optional<std::string_view>)>("mkldnn::_linear_pointwise");
  return product.call(x, weight, bias.defined() ? OptionalTensor(bias) : std::nullopt, activation, Scalars(),
                      algorithm);
}

bool can_pack(const at::Tensor& weight) {
  if (weight.requires_grad() || !weight.device().is_cpu() || !at::globalContext().hasMKLDNN()) return false;
  return weight.scalar_type() == at::kFloat || (weight.scalar_type() == at::kBFloat16 && cpu_computes(Precision::bf16));
}

}  // namespace

Linear::Linear(const at::Tensor& weight, const at::Tensor& bias) : bias_(bias), packed_(can_pack(weight)) {
  weight_ = packed_ ? reorder_weight(weight.contiguous()) : weight;
}

at::Tensor Linear::operator()(const at::Tensor& x) const {
  if (packed_) return packed_product(x, weight_, bias_, "none", "");
  return at::linear(x, weight_, bias_);
}

at::Tensor Linear::activated(const at::Tensor& x, Activation activation) const {
  if (packed_ && activation == Activation::gelu) return packed_product(x, weight_, bias_, "gelu", "none");
  if (packed_ && activation == Activation::gelu_tanh) return packed_product(x, weight_, bias_, "gelu", "tanh");
  if (packed_ && activation == Activation::relu) return packed_product(x, weight_, bias_, "relu", "");
  return activate((*this)(x), activation);
}

at::Tensor Linear::part(const at::Tensor& x, std::int64_t first, std::int64_t count) const {
  return at::linear(x, weight_.narrow(0, first, count), bias_.defined() ? bias_.narrow(0, first, count) : bias_);
}

at::Tensor gated(const at::Tensor& x, Activation activation) {
  const auto halves = x.chunk(2, 1);
  const auto* kernels = cpu_kernels(x);
  if (kernels == nullptr || activation != Activation::silu) return activate(halves[0], activation).mul_(halves[1]);
  const at::Tensor result = at::empty(halves[0].sizes(), x.options());
  kernels->gate({halves[0].const_data_ptr(), halves[1].const_data_ptr(), result.mutable_data_ptr(),
                 static_cast<std::size_t>(x.size(0)), static_cast<std::size_t>(result.size(1)),
                 static_cast<std::size_t>(x.stride(0))});
  return result;
}

at::Tensor activate(const at::Tensor& x, Activation activation) {
  switch (activation) {
    case Activation::gelu:
      return at::gelu(x);
    case Activation::gelu_tanh:
      return at::gelu(x, "tanh");
    case Activation::relu:
      return at::relu(x);
    case Activation::silu:
      return at::silu(x);
    case Activation::tanh:
      return at::tanh(x);
    case Activation::sigmoid:
      return at::sigmoid(x);
    case Activation::identity:
      break;
  }
  return x;
}

}  // namespace farpoint::models
