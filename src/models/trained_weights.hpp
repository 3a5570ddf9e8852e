// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <vector>

namespace farpoint::models {

/// A tensor of the folder, or a new one, within a TrainedWeight.
struct NamedRows {
  std::string name;
  std::int64_t rows = 0;
};

/// A leaf of the graph of gradients. What is computed as one (Scope, side_by_side()) is trained as one; gradients and
/// AdamW look at single numbers, so this changes nothing.
struct TrainedWeight {
  at::Tensor value;              ///< float32, dense
  std::vector<NamedRows> parts;  ///< what lies in it, one behind the other in the first dimension
  bool is_table = false;         ///< rows are looked up, so that most have no gradient

  /// Biases and norms do not, as usual.
  bool decays() const { return value.dim() > 1; }
};

/// How a missing weight is drawn.
struct Initial {
  double deviation = 0.02;
  double cutoff = 0;  ///< none is more deviations away; 0: no bound
};

/// The weights of a model in training, in the order in which the model took them.
class TrainedWeights {
 public:
  /// `seed` is of new weights.
  explicit TrainedWeights(std::uint64_t seed) : seed_(seed) {}

  /// Makes a leaf of a copy of `values`, one below the other.
  at::Tensor add(const std::vector<at::Tensor>& values, const std::vector<std::string>& names, bool is_table);
  /// As transformers begins a layer: a matrix from a normal distribution around 0, a bias 0, the weight of a norm 1.
  at::Tensor draw(const std::string& name, at::IntArrayRef shape, const Initial& initial) const;

  const std::vector<TrainedWeight>& all() const { return weights_; }

 private:
  std::uint64_t seed_;
  std::vector<TrainedWeight> weights_;
};

}  // namespace farpoint::models
