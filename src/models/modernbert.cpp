// SPDX-License-Identifier: Apache-2.0
// ModernBERT (Warner et al. 2024): norms in front, rotary positions, gated feed-forward, windows in two of three
// layers. transformers: models/modernbert/modeling_modernbert.py.
#include <cmath>

#include "attention.hpp"
#include "backbone.hpp"
#include "dropout.hpp"
#include "recording.hpp"
#include "rotary.hpp"

namespace farpoint::models {

namespace {

class ModernBertLayer {
 public:
  ModernBertLayer(const ModelConfig& config, const Scope& scope, bool is_first)
      : heads_(config.heads), head_dim_(config.head_dim), activation_(config.activation), dropout_(config.dropout) {
    const auto hidden = config.hidden_size;
    const auto inner = config.intermediate_size;
    if (!is_first) attention_norm_ = (scope / "attn_norm").layer_norm(hidden, config.norm_eps, config.norm_bias);
    qkv_ = (scope / "attn" / "Wqkv").linear(3 * hidden, hidden, config.query_key_value_bias);
    attention_out_ = (scope / "attn" / "Wo").linear(hidden, hidden, config.attention_output_bias);
    norm_ = (scope / "mlp_norm").layer_norm(hidden, config.norm_eps, config.norm_bias);
    const auto up = scope / "mlp" / "Wi";
    if (scope.are_trained()) {
      inner_and_gate_ = up.linear(2 * inner, hidden, config.mlp_bias);
    } else {
      split_in_two(up, inner, config);
    }
    down_ = (scope / "mlp" / "Wo").linear(hidden, inner, config.mlp_bias);
    is_first_ = is_first;
  }

  Stream operator()(const Stream& stream, const PackedBatch& batch, const AttentionRules& rules,
                    const Rotation& rotation) const {
    const auto before = is_first_ ? Normed{stream.x, stream.x} : attention_norm_.of_sum(stream.x, stream.addend);
    const at::Tensor qkv = qkv_(before.normed).unflatten(1, {3, heads_, head_dim_});
    const at::Tensor query = rotated(qkv.select(1, 0), rotation);
    const at::Tensor key = rotated(qkv.select(1, 1), rotation);
    const at::Tensor mixed = dropped(attention_out_(attention(query, key, qkv.select(1, 2), batch, rules)),
                                     dropout_.attention_output, batch);
    const auto attended = norm_.of_sum(before.sum, mixed);
    return {attended.sum, down_(dropped(feed(attended.normed), dropout_.inner, batch))};
  }

 private:
  /// Two layers, so that the activation goes into the product's end.
  void split_in_two(const Scope& up, std::int64_t inner, const ModelConfig& config) {
    const auto weights = up.take("weight", {2 * inner, config.hidden_size}).chunk(2);
    const auto biases = config.mlp_bias ? up.take("bias", {2 * inner}).chunk(2) : std::vector<at::Tensor>(2);
    inner_ = Linear(weights[0], biases[0]);
    gate_ = Linear(weights[1], biases[1]);
  }

  at::Tensor feed(const at::Tensor& x) const {
    if (!inner_and_gate_) return inner_.activated(x, activation_).mul_(gate_(x));
    const auto halves = (*inner_and_gate_)(x).chunk(2, 1);
    return activate(halves[0], activation_) * halves[1];
  }

  std::int64_t heads_;
  std::int64_t head_dim_;
  Activation activation_;
  bool is_first_ = false;  // the embeddings are normed already
  model_files::DropoutShares dropout_;
  Linear qkv_, attention_out_, inner_, gate_, down_;
  std::optional<Linear> inner_and_gate_;  // in training, as one weight
  LayerNorm attention_norm_, norm_;
};

class ModernBert final : public Backbone {
 public:
  ModernBert(const ModelConfig& config, const Scope& root)
      : windows_(config.windows), dropout_(config.dropout.embeddings) {
    rules_.dropout = config.dropout.attention;
    const auto device = root.placement().device;
    rules_.scale = 1 / std::sqrt(static_cast<double>(config.head_dim));
    words_ = (root / "embeddings" / "tok_embeddings").table(config.vocab_size, config.hidden_size);
    embedding_norm_ = (root / "embeddings" / "norm").layer_norm(config.hidden_size, config.norm_eps, config.norm_bias);
    for (std::int64_t i = 0; i < config.layers; ++i) layers_.emplace_back(config, root / "layers" / i, i == 0);
    final_norm_ = (root / "final_norm").layer_norm(config.hidden_size, config.norm_eps, config.norm_bias);
    global_ = Rotary(config.rope, config.head_dim, config.max_positions, device);
    local_ = Rotary(config.local_rope.value_or(config.rope), config.head_dim, config.max_positions, device);
  }

  at::Tensor hidden(const PackedBatch& batch) const override {
    const auto global = global_.of(batch);
    const auto local = local_.of(batch);
    Stream stream{dropped(embedding_norm_(look_up(words_, batch.ids)), dropout_, batch), {}};
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      auto rules = rules_;
      rules.window = windows_[i];
      stream = layers_[i](stream, batch, rules, windows_[i] ? local : global);
    }
    return final_norm_.of_sum(stream.x, stream.addend).normed;
  }

 private:
  AttentionRules rules_;
  std::vector<std::optional<std::int64_t>> windows_;
  double dropout_;  // of the embeddings
  at::Tensor words_;
  LayerNorm embedding_norm_, final_norm_;
  std::vector<ModernBertLayer> layers_;
  Rotary global_, local_;
};

}  // namespace

std::unique_ptr<Backbone> make_modernbert(const ModelConfig& config, const Scope& root) {
  return std::make_unique<ModernBert>(config, root);
}

}  // namespace farpoint::models
