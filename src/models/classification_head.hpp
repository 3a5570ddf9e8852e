// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <memory>

#include "backbone.hpp"

namespace farpoint::models {

/// What turns hidden states into one number a label.
class ClassificationHead {
 public:
  virtual ~ClassificationHead() = default;
  /// [sequences, labels], raw, from [tokens, hidden_size].
  virtual at::Tensor logits(const at::Tensor& hidden, const PackedBatch& batch) const = 0;
};

/// The head of the family's ...ForSequenceClassification. Throws UsageError when the folder has none; in training a new
/// one is drawn.
std::unique_ptr<ClassificationHead> make_classification_head(const ModelConfig& config, Parameters& parameters);

}  // namespace farpoint::models
