// SPDX-License-Identifier: Apache-2.0
// BERT and the encoders that compute as it does: RoBERTa and XLM-R (other positions), DistilBERT (no token types),
// MPNet (a bias by distance). transformers: models/{bert,roberta,distilbert,mpnet}/modeling_*.py.
#include <cmath>

#include "attention.hpp"
#include "backbone.hpp"
#include "dropout.hpp"
#include "recording.hpp"

namespace farpoint::models {

namespace {

using model_files::Family;

/// What the families call the same things; relative to the backbone or to a layer.
struct Names {
  std::string_view layers, query, key, value, attention_out, attention_norm, up, down, norm;
};

Names names_of(Family family) {
  if (family == Family::distilbert) {
    return {"transformer.layer", "attention.q_lin", "attention.k_lin", "attention.v_lin",  "attention.out_lin",
            "sa_layer_norm",     "ffn.lin1",        "ffn.lin2",        "output_layer_norm"};
  }
  if (family == Family::mpnet) {
    return {"encoder.layer",       "attention.attn.q",   "attention.attn.k", "attention.attn.v", "attention.attn.o",
            "attention.LayerNorm", "intermediate.dense", "output.dense",     "output.LayerNorm"};
  }
  return {"encoder.layer",        "attention.self.query",   "attention.self.key",
          "attention.self.value", "attention.output.dense", "attention.output.LayerNorm",
          "intermediate.dense",   "output.dense",           "output.LayerNorm"};
}

/// The bucket of each distance j - i in [-reach, reach], int64 (Raffel et al. 2020, T5): half of the buckets for either
/// direction, single distances first, then widening logarithmically up to 128.
at::Tensor distance_buckets(std::int64_t reach, std::int64_t buckets) {
  const auto half = buckets / 2;
  const auto single = half / 2;
  const at::Tensor distance = at::arange(-reach, reach + 1, at::kLong);
  const at::Tensor size = distance.abs();
  // In float32 and in the reference's order: the bounds between buckets sit on its rounding.
  const at::Tensor wide =
      at::log(size.to(at::kFloat) / single) / std::log(128.0 / static_cast<double>(single)) * (half - single);
  const at::Tensor bucket = at::where(size < single, size, (wide.to(at::kLong) + single).clamp_max(half - 1));
  return bucket + (distance > 0).to(at::kLong) * half;
}

class BertLayer {
 public:
  BertLayer(const ModelConfig& config, const Scope& scope)
      : heads_(config.heads), head_dim_(config.head_dim), activation_(config.activation), dropout_(config.dropout) {
    const auto names = names_of(config.family);
    const auto hidden = config.hidden_size;
    qkv_ =
        side_by_side({scope / names.query, scope / names.key, scope / names.value}, {hidden, hidden, hidden}, hidden);
    attention_out_ = (scope / names.attention_out).linear(hidden, hidden);
    attention_norm_ = (scope / names.attention_norm).layer_norm(hidden, config.norm_eps);
    up_ = (scope / names.up).linear(config.intermediate_size, hidden);
    down_ = (scope / names.down).linear(hidden, config.intermediate_size);
    norm_ = (scope / names.norm).layer_norm(hidden, config.norm_eps);
  }

  at::Tensor operator()(const at::Tensor& x, const PackedBatch& batch, const AttentionRules& rules) const {
    const at::Tensor qkv = qkv_(x).unflatten(1, {3, heads_, head_dim_});
    const at::Tensor mixed = attention(qkv.select(1, 0), qkv.select(1, 1), qkv.select(1, 2), batch, rules);
    const at::Tensor attended =
        attention_norm_.of_sum(x, dropped(attention_out_(mixed), dropout_.attention_output, batch)).normed;
    const at::Tensor output = down_(up_.activated(attended, activation_));
    return norm_.of_sum(attended, dropped(output, dropout_.output, batch)).normed;
  }

 private:
  std::int64_t heads_;
  std::int64_t head_dim_;
  Activation activation_;
  model_files::DropoutShares dropout_;
  Linear qkv_, attention_out_, up_, down_;
  LayerNorm attention_norm_, norm_;
};

class Bert final : public Backbone {
 public:
  Bert(const ModelConfig& config, const Scope& root)
      : buckets_(config.relative_buckets), dropout_(config.dropout.embeddings) {
    rules_.dropout = config.dropout.attention;
    rules_.scale = 1 / std::sqrt(static_cast<double>(config.head_dim));
    const auto hidden = config.hidden_size;
    const Scope embeddings = root / "embeddings";
    words_ = (embeddings / "word_embeddings").table(config.vocab_size, hidden);
    positions_ = (embeddings / "position_embeddings").table(config.max_positions, hidden);
    if (config.type_vocab_size > 0) {
      types_ = (embeddings / "token_type_embeddings").table(config.type_vocab_size, hidden);
    }
    norm_ = (embeddings / "LayerNorm").layer_norm(hidden, config.norm_eps);
    if (config.family == Family::mpnet) {
      distance_bias_ = (root / "encoder" / "relative_attention_bias").take("weight", {buckets_, config.heads});
    }
    const Scope layers = root / names_of(config.family).layers;
    for (std::int64_t i = 0; i < config.layers; ++i) layers_.emplace_back(config, layers / i);
  }

  at::Tensor hidden(const PackedBatch& batch) const override {
    auto rules = rules_;
    if (distance_bias_.defined()) {
      const at::Tensor buckets = distance_buckets(batch.longest - 1, buckets_).to(distance_bias_.device());
      rules.distance_bias = distance_bias_.to(at::kFloat).index_select(0, buckets).t().contiguous();
    }
    at::Tensor x = embed(batch);
    for (const auto& layer : layers_) x = layer(x, batch, rules);
    return x;
  }

 private:
  at::Tensor embed(const PackedBatch& batch) const {
    at::Tensor x = look_up(words_, batch.ids);
    if (types_.defined()) {
      x = batch.token_types.defined() ? x + look_up(types_, batch.token_types) : x + types_[0];
    }
    x = norm_(x.add_(look_up(positions_, batch.positions)));
    return dropped(x, dropout_, batch);
  }

  AttentionRules rules_;
  std::int64_t buckets_;
  double dropout_;  // of the embeddings
  at::Tensor words_, positions_, types_;
  at::Tensor distance_bias_;  // [buckets, heads]
  LayerNorm norm_;
  std::vector<BertLayer> layers_;
};

}  // namespace

std::unique_ptr<Backbone> make_bert(const ModelConfig& config, const Scope& root) {
  return std::make_unique<Bert>(config, root);
}

}  // namespace farpoint::models
