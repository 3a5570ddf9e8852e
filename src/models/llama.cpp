// SPDX-License-Identifier: Apache-2.0
// Llama and the models of its layout: Mistral (windows), Qwen2 (biases of query, key and value), Qwen3 (norms of query
// and key). transformers: models/{llama,mistral,qwen2,qwen3}/modeling_*.py.
#include <cmath>

#include "attention.hpp"
#include "backbone.hpp"
#include "rotary.hpp"

namespace farpoint::models {

namespace {

class LlamaLayer {
 public:
  LlamaLayer(const ModelConfig& config, const Scope& scope, std::size_t index)
      : heads_(config.heads), kv_heads_(config.kv_heads), head_dim_(config.head_dim), activation_(config.activation) {
    const auto hidden = config.hidden_size;
    const auto inner = config.intermediate_size;
    const auto kv_size = kv_heads_ * head_dim_;
    rules_.causal = true;
    rules_.scale = 1 / std::sqrt(static_cast<double>(head_dim_));
    rules_.window = config.windows[index];
    rules_.layer = index;
    const auto attention = scope / "self_attn";
    attention_norm_ = (scope / "input_layernorm").rms_norm(hidden, config.norm_eps);
    qkv_ = side_by_side({attention / "q_proj", attention / "k_proj", attention / "v_proj"},
                        {heads_ * head_dim_, kv_size, kv_size}, hidden, config.query_key_value_bias);
    attention_out_ = (attention / "o_proj").linear(hidden, heads_ * head_dim_, config.attention_output_bias);
    norms_query_and_key_ = config.family == model_files::Family::qwen3;
    if (norms_query_and_key_) {
      query_norm_ = (attention / "q_norm").rms_norm(head_dim_, config.norm_eps);
      key_norm_ = (attention / "k_norm").rms_norm(head_dim_, config.norm_eps);
    }
    norm_ = (scope / "post_attention_layernorm").rms_norm(hidden, config.norm_eps);
    gate_up_ =
        side_by_side({scope / "mlp" / "gate_proj", scope / "mlp" / "up_proj"}, {inner, inner}, hidden, config.mlp_bias);
    down_ = (scope / "mlp" / "down_proj").linear(hidden, inner, config.mlp_bias);
  }

  Stream operator()(const Stream& stream, const PackedBatch& batch, const Rotation& rotation) const {
    const auto before = attention_norm_.of_sum(stream.x, stream.addend);
    const auto attended = norm_.of_sum(before.sum, attention_out_(mix(before.normed, batch, rotation)));
    return {attended.sum, down_(gated(gate_up_(attended.normed), activation_))};
  }

 private:
  at::Tensor mix(const at::Tensor& x, const PackedBatch& batch, const Rotation& rotation) const {
    const at::Tensor qkv = qkv_(x).unflatten(1, {heads_ + 2 * kv_heads_, head_dim_});
    at::Tensor query = qkv.narrow(1, 0, heads_);
    at::Tensor key = qkv.narrow(1, heads_, kv_heads_);
    if (norms_query_and_key_) {
      query = query_norm_(query);
      key = key_norm_(key);
    }
    rotate_(query, rotation);
    rotate_(key, rotation);
    return attention(query, key, qkv.narrow(1, heads_ + kv_heads_, kv_heads_), batch, rules_);
  }

  std::int64_t heads_;
  std::int64_t kv_heads_;
  std::int64_t head_dim_;
  Activation activation_;
  bool norms_query_and_key_ = false;
  AttentionRules rules_;
  Linear qkv_, attention_out_, gate_up_, down_;
  RmsNorm attention_norm_, norm_, query_norm_, key_norm_;
};

class Llama final : public Backbone {
 public:
  Llama(const ModelConfig& config, const Scope& root)
      : rotary_(config.rope, config.head_dim, config.max_positions, root.placement().device) {
    words_ = (root / "embed_tokens").take("weight", {config.vocab_size, config.hidden_size});
    for (std::int64_t i = 0; i < config.layers; ++i) {
      layers_.emplace_back(config, root / "layers" / i, static_cast<std::size_t>(i));
    }
    final_norm_ = (root / "norm").rms_norm(config.hidden_size, config.norm_eps);
  }

  at::Tensor hidden(const PackedBatch& batch) const override {
    const auto rotation = rotary_.of(batch);
    Stream stream{words_.index_select(0, batch.ids), {}};
    for (const auto& layer : layers_) stream = layer(stream, batch, rotation);
    return final_norm_.of_sum(stream.x, stream.addend).normed;
  }

 private:
  Rotary rotary_;
  at::Tensor words_;
  std::vector<LlamaLayer> layers_;
  RmsNorm final_norm_;
};

}  // namespace

std::unique_ptr<Backbone> make_llama(const ModelConfig& config, const Scope& root) {
  return std::make_unique<Llama>(config, root);
}

}  // namespace farpoint::models
