// SPDX-License-Identifier: Apache-2.0
#include "parameters.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "farpoint/base/error.hpp"

namespace farpoint::models {

namespace {

using model_files::Dtype;
using model_files::TensorEntry;

at::ScalarType scalar_type(Dtype dtype) {
  switch (dtype) {
    case Dtype::boolean:
      return at::kBool;
    case Dtype::u8:
      return at::kByte;
    case Dtype::i8:
      return at::kChar;
    case Dtype::u16:
      return at::kUInt16;
    case Dtype::i16:
      return at::kShort;
    case Dtype::u32:
      return at::kUInt32;
    case Dtype::i32:
      return at::kInt;
    case Dtype::u64:
      return at::kUInt64;
    case Dtype::i64:
      return at::kLong;
    case Dtype::f16:
      return at::kHalf;
    case Dtype::bf16:
      return at::kBFloat16;
    case Dtype::f32:
      return at::kFloat;
    case Dtype::f64:
      break;
  }
  return at::kDouble;
}

/// The tensor where it lies in the file; copied only if its bytes begin between the elements' addresses.
at::Tensor view_of(const TensorEntry& entry) {
  const auto type = scalar_type(entry.dtype);
  void* const bytes = const_cast<std::byte*>(entry.bytes.data());  // the mapping is private and may be written
  const auto address = reinterpret_cast<std::uintptr_t>(bytes);
  if (address % model_files::item_bytes(entry.dtype) != 0) {
    at::Tensor copy = at::empty(entry.shape, type);
    std::copy(entry.bytes.begin(), entry.bytes.end(), static_cast<std::byte*>(copy.mutable_data_ptr()));
    return copy;
  }
  return at::from_blob(
      bytes, entry.shape, [owner = entry.owner](void*) {}, type);
}

bool ends_with(std::string_view name, std::string_view suffix) {
  return name.size() >= suffix.size() && name.substr(name.size() - suffix.size()) == suffix;
}

/// LayerNorm's parameters as TensorFlow's first checkpoints called them.
std::string older_name(const std::string& name) {
  const auto renamed = [&](std::string_view now, std::string_view then) -> std::string {
    if (!ends_with(name, now)) return "";
    return name.substr(0, name.size() - now.size()).append(then);
  };
  const auto gamma = renamed("LayerNorm.weight", "LayerNorm.gamma");
  return gamma.empty() ? renamed("LayerNorm.bias", "LayerNorm.beta") : gamma;
}

}  // namespace

Parameters::Parameters(const model_files::Weights& weights, const Placement& placement, TrainedWeights* trained)
    : weights_(weights), placement_(placement), trained_(trained) {}

std::string Parameters::prefix_of(std::string_view suffix) const {
  for (const auto& entry : weights_.tensors()) {
    if (!ends_with(entry.name, suffix)) continue;
    const auto prefix = entry.name.substr(0, entry.name.size() - suffix.size());
    if (prefix.empty() || prefix.back() == '.') return prefix;
  }
  throw UsageError(
      fmt::format("{}: there is no tensor '{}': the weights are not those of the architecture that config.json names",
                  weights_.files().front().path().string(), suffix));
}

bool Parameters::contains(const std::string& name) const {
  return weights_.find(name) != nullptr || weights_.find(older_name(name)) != nullptr;
}

at::Tensor Parameters::take(const std::string& name, at::IntArrayRef shape) {
  const at::Tensor value = read(name, shape);
  return are_trained() ? trained_->add({value}, {name}, false) : value;
}

at::Tensor Parameters::take_table(const std::string& name, at::IntArrayRef shape) {
  const at::Tensor value = read(name, shape);
  return are_trained() ? trained_->add({value}, {name}, true) : value;
}

at::Tensor Parameters::take_stacked(const std::vector<std::string>& names, at::IntArrayRef rows, at::IntArrayRef rest) {
  std::vector<at::Tensor> values;
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::vector<std::int64_t> shape{rows[i]};
    shape.insert(shape.end(), rest.begin(), rest.end());
    values.push_back(read(names[i], shape));
  }
  return are_trained() ? trained_->add(values, names, false) : at::cat(values);
}

at::Tensor Parameters::read(const std::string& name, at::IntArrayRef shape) {
  const auto folder = weights_.files().front().path().parent_path().string();
  const auto* entry = weights_.find(name);
  if (entry == nullptr) entry = weights_.find(older_name(name));
  if (initial_ && (entry == nullptr || at::IntArrayRef(entry->shape) != shape)) {
    return trained_->draw(name, shape, *initial_).to(placement_.options());
  }
  if (entry == nullptr) throw UsageError(fmt::format("{}: tensor '{}' is missing", folder, name));
  if (at::IntArrayRef(entry->shape) != shape) {
    throw UsageError(fmt::format("{}: tensor '{}' has shape [{}], but config.json asks for [{}]", folder, entry->name,
                                 fmt::join(entry->shape, ", "), fmt::join(shape, ", ")));
  }
  known_.insert(entry->name);
  return view_of(*entry).to(placement_.options());
}

void Parameters::ignore_prefix(std::string_view prefix) {
  for (const auto& entry : weights_.tensors()) {
    if (entry.name.starts_with(prefix)) known_.insert(entry.name);
  }
}

void Parameters::ignore_suffix(std::string_view suffix) {
  for (const auto& entry : weights_.tensors()) {
    if (ends_with(entry.name, suffix)) known_.insert(entry.name);
  }
}

void Parameters::check_all_taken() const {
  for (const auto& entry : weights_.tensors()) {
    if (known_.contains(entry.name)) continue;
    throw UsageError(
        fmt::format("{}: tensor '{}' has no place in this architecture as Farpoint knows it; without it the model "
                    "would compute something else",
                    weights_.files().front().path().parent_path().string(), entry.name));
  }
}

Linear Scope::linear(std::int64_t out, std::int64_t in, bool bias) const {
  const at::Tensor weight = take("weight", {out, in});
  return {weight, bias ? take("bias", {out}) : at::Tensor()};
}

LayerNorm Scope::layer_norm(std::int64_t size, double eps, bool bias) const {
  const at::Tensor weight = take("weight", {size});
  return {weight, bias ? take("bias", {size}) : at::Tensor(), eps};
}

Linear side_by_side(std::initializer_list<Scope> parts, at::IntArrayRef outs, std::int64_t in, bool bias) {
  std::vector<std::string> weights;
  std::vector<std::string> biases;
  for (const auto& part : parts) {
    weights.push_back(part.prefix_ + "weight");
    biases.push_back(part.prefix_ + "bias");
  }
  auto& parameters = parts.begin()->parameters_;
  const at::Tensor weight = parameters.take_stacked(weights, outs, {in});
  return {weight, bias ? parameters.take_stacked(biases, outs, {}) : at::Tensor()};
}

}  // namespace farpoint::models
