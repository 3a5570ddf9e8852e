// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <memory>

#include "farpoint/model_files/model_config.hpp"
#include "packed_batch.hpp"
#include "parameters.hpp"

namespace farpoint::models {

using model_files::ModelConfig;

/// A model without its head: tokens to the last layer's hidden states. const, so several threads may use one.
class Backbone {
 public:
  virtual ~Backbone() = default;
  /// [batch.rows(), hidden_size], after the last norm where the architecture has one, in the type that is computed in.
  virtual at::Tensor hidden(const PackedBatch& batch) const = 0;
};

/// What flows through layers that norm what they read: x + addend, which the next norm adds up.
struct Stream {
  at::Tensor x;
  at::Tensor addend;  ///< undefined: 0
};

/// What a batch for this model must keep to.
PackingRules packing_rules(const ModelConfig& config);

/// Takes the architecture's tensors out of `parameters`, wherever their common prefix. Throws UsageError.
std::unique_ptr<Backbone> make_backbone(const ModelConfig& config, Parameters& parameters);

/// The prefix of the backbone's tensors: "bert.", "model." or "".
std::string backbone_prefix(const ModelConfig& config, const Parameters& parameters);

// One file a group of architectures; `root` is the backbone's prefix.
std::unique_ptr<Backbone> make_bert(const ModelConfig& config, const Scope& root);  // and RoBERTa, DistilBERT, MPNet
std::unique_ptr<Backbone> make_deberta(const ModelConfig& config, const Scope& root);
std::unique_ptr<Backbone> make_modernbert(const ModelConfig& config, const Scope& root);
std::unique_ptr<Backbone> make_gpt2(const ModelConfig& config, const Scope& root);
std::unique_ptr<Backbone> make_llama(const ModelConfig& config, const Scope& root);  // and Mistral, Qwen2, Qwen3

}  // namespace farpoint::models
