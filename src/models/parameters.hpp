// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/model_files/weights.hpp"
#include "linear.hpp"
#include "norm.hpp"
#include "placement.hpp"
#include "trained_weights.hpp"

namespace farpoint::models {

/// The tensors of a folder on their way into a model: each is taken by name, checked for its shape, and put on the
/// device in the type that is computed in. Afterwards check_all_taken() finds what nobody asked for.
class Parameters {
 public:
  /// `weights` must outlive this. With `trained` what is taken is put there, to be trained.
  Parameters(const model_files::Weights& weights, const Placement& placement, TrainedWeights* trained = nullptr);

  const Placement& placement() const { return placement_; }
  /// The part of a tensor's name before `suffix`, of the first tensor that ends so: "bert." of
  /// bert.embeddings.word_embeddings.weight. Throws UsageError when there is none.
  std::string prefix_of(std::string_view suffix) const;
  bool contains(const std::string& name) const;
  /// Throws UsageError naming file and tensor when it is missing or of another shape. The older names of LayerNorm's
  /// parameters, gamma and beta, are found under weight and bias.
  at::Tensor take(const std::string& name, at::IntArrayRef shape);
  /// Tensors of as many rows each as `rows` says, and of the sizes `rest` else, one below the other.
  at::Tensor take_stacked(const std::vector<std::string>& names, at::IntArrayRef rows, at::IntArrayRef rest);
  /// [rows, width], of which rows are looked up.
  at::Tensor take_table(const std::string& name, at::IntArrayRef shape);

  bool are_trained() const { return trained_ != nullptr; }
  /// From now on, what is missing or of another shape is drawn; only for weights in training.
  void draw_missing(const Initial& initial) { initial_ = initial; }

  /// Marks the tensors whose names begin so as known but not needed.
  void ignore_prefix(std::string_view prefix);
  /// Marks the tensors whose names end so: buffers that older exports hold.
  void ignore_suffix(std::string_view suffix);
  /// Throws UsageError naming tensors that were neither taken nor ignored: the model would compute something else.
  void check_all_taken() const;

 private:
  at::Tensor read(const std::string& name, at::IntArrayRef shape);

  const model_files::Weights& weights_;
  Placement placement_;
  TrainedWeights* trained_;
  std::optional<Initial> initial_;
  std::set<std::string, std::less<>> known_;
};

/// Parameters below a prefix, e.g. of one layer.
class Scope {
 public:
  Scope(Parameters& parameters, std::string prefix) : parameters_(parameters), prefix_(std::move(prefix)) {}

  Scope operator/(std::string_view name) const { return {parameters_, prefix_ + std::string(name) + "."}; }
  Scope operator/(std::int64_t index) const { return *this / std::to_string(index); }
  const Placement& placement() const { return parameters_.placement(); }
  bool are_trained() const { return parameters_.are_trained(); }

  at::Tensor take(const std::string& name, at::IntArrayRef shape) const {
    return parameters_.take(prefix_ + name, shape);
  }
  /// This scope's weight, of which rows are looked up.
  at::Tensor table(std::int64_t rows, std::int64_t width) const {
    return parameters_.take_table(prefix_ + "weight", {rows, width});
  }
  /// Of this scope's weight and, if asked for, bias.
  Linear linear(std::int64_t out, std::int64_t in, bool bias = true) const;
  /// bias may be absent when `bias` is false.
  LayerNorm layer_norm(std::int64_t size, double eps, bool bias = true) const;
  RmsNorm rms_norm(std::int64_t size, double eps) const { return {take("weight", {size}), eps}; }

 private:
  friend Linear side_by_side(std::initializer_list<Scope> parts, at::IntArrayRef outs, std::int64_t in, bool bias);

  Parameters& parameters_;
  std::string prefix_;
};

/// Several linear maps of the same input as one: their outputs lie side by side.
Linear side_by_side(std::initializer_list<Scope> parts, at::IntArrayRef outs, std::int64_t in, bool bias = true);

}  // namespace farpoint::models
