// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "linear.hpp"

namespace farpoint::models {

/// The output layer of a causal model, mostly asked for the likelihood of given tokens only. Then logits exist for a
/// tile of rows and vocabulary at a time; their log-sum-exp is accumulated in float32.
class LanguageHead {
 public:
  LanguageHead() = default;
  /// `weight` is [vocabulary, hidden].
  explicit LanguageHead(const at::Tensor& weight);

  /// -log p(targets[i]), float32 [rows]; `hidden` is [rows, hidden], `targets` int64 [rows], both on the device.
  at::Tensor negative_log_likelihoods(const at::Tensor& hidden, const at::Tensor& targets) const;
  /// float32 [rows, vocabulary], for few rows.
  at::Tensor logits(const at::Tensor& hidden) const;

 private:
  struct Tile {
    std::int64_t begin, size;  // of the vocabulary
    Linear product;
  };
  at::Tensor of_rows(const at::Tensor& hidden, const at::Tensor& targets) const;

  at::Tensor weight_;  // kept for types of 16 bits only
  std::vector<Tile> tiles_;
};

}  // namespace farpoint::models
