// SPDX-License-Identifier: Apache-2.0
// GPT-2 (Radford et al. 2019). transformers: models/gpt2/modeling_gpt2.py.
#include <cmath>

#include "attention.hpp"
#include "backbone.hpp"

namespace farpoint::models {

namespace {

/// GPT-2 stores its weights as [in, out].
Linear conv1d(const Scope& scope, std::int64_t out, std::int64_t in) {
  return {scope.take("weight", {in, out}).t(), scope.take("bias", {out})};
}

class Gpt2Layer {
 public:
  Gpt2Layer(const ModelConfig& config, const Scope& scope, std::int64_t index)
      : heads_(config.heads), head_dim_(config.head_dim), activation_(config.activation) {
    const auto hidden = config.hidden_size;
    rules_.causal = true;
    rules_.layer = static_cast<std::size_t>(index);
    rules_.scale = config.scale_attention ? 1 / std::sqrt(static_cast<double>(config.head_dim)) : 1;
    if (config.scale_by_inverse_layer) rules_.scale /= static_cast<double>(index + 1);
    attention_norm_ = (scope / "ln_1").layer_norm(hidden, config.norm_eps);
    qkv_ = conv1d(scope / "attn" / "c_attn", 3 * hidden, hidden);
    attention_out_ = conv1d(scope / "attn" / "c_proj", hidden, hidden);
    norm_ = (scope / "ln_2").layer_norm(hidden, config.norm_eps);
    up_ = conv1d(scope / "mlp" / "c_fc", config.intermediate_size, hidden);
    down_ = conv1d(scope / "mlp" / "c_proj", hidden, config.intermediate_size);
  }

  Stream operator()(const Stream& stream, const PackedBatch& batch) const {
    const auto before = attention_norm_.of_sum(stream.x, stream.addend);
    const at::Tensor qkv = qkv_(before.normed).unflatten(1, {3, heads_, head_dim_});
    const at::Tensor mixed = attention(qkv.select(1, 0), qkv.select(1, 1), qkv.select(1, 2), batch, rules_);
    const auto attended = norm_.of_sum(before.sum, attention_out_(mixed));
    return {attended.sum, down_(up_.activated(attended.normed, activation_))};
  }

 private:
  std::int64_t heads_;
  std::int64_t head_dim_;
  Activation activation_;
  AttentionRules rules_;
  Linear qkv_, attention_out_, up_, down_;
  LayerNorm attention_norm_, norm_;
};

class Gpt2 final : public Backbone {
 public:
  Gpt2(const ModelConfig& config, const Scope& root) {
    words_ = (root / "wte").take("weight", {config.vocab_size, config.hidden_size});
    positions_ = (root / "wpe").take("weight", {config.max_positions, config.hidden_size});
    for (std::int64_t i = 0; i < config.layers; ++i) layers_.emplace_back(config, root / "h" / i, i);
    final_norm_ = (root / "ln_f").layer_norm(config.hidden_size, config.norm_eps);
  }

  at::Tensor hidden(const PackedBatch& batch) const override {
    Stream stream{words_.index_select(0, batch.ids), positions_.index_select(0, batch.positions)};
    for (const auto& layer : layers_) stream = layer(stream, batch);
    return final_norm_.of_sum(stream.x, stream.addend).normed;
  }

 private:
  at::Tensor words_, positions_;
  std::vector<Gpt2Layer> layers_;
  LayerNorm final_norm_;
};

}  // namespace

std::unique_ptr<Backbone> make_gpt2(const ModelConfig& config, const Scope& root) {
  return std::make_unique<Gpt2>(config, root);
}

}  // namespace farpoint::models
