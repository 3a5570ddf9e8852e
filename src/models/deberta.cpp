// SPDX-License-Identifier: Apache-2.0
// DeBERTa v2 and v3 (He et al. 2021): attention with products of content and relative position.
// transformers: models/deberta_v2/modeling_deberta_v2.py.
#include <ATen/TensorIndexing.h>

#include <algorithm>
#include <cmath>

#include "backbone.hpp"

namespace farpoint::models {

namespace {

using model_files::Disentangled;

/// Scores that exist at once.
constexpr std::int64_t block_scores = std::int64_t{1} << 22;

/// The bucket of i - j, int64, for `distance` int64. In float32 and in the reference's order of operations: the bounds
/// of the buckets sit on its rounding.
at::Tensor bucket_of(const at::Tensor& distance, const Disentangled& options) {
  if (options.position_buckets <= 0) return distance;
  const auto middle = options.position_buckets / 2;
  const at::Tensor size = at::where(at::logical_and(distance<middle, distance> - middle),
                                    at::scalar_tensor(middle - 1, distance.options()), distance.abs());
  const auto widest = static_cast<double>(options.max_relative_positions - 1) / static_cast<double>(middle);
  const at::Tensor logarithm = at::log(size / middle) / at::log(at::scalar_tensor(widest, at::kFloat));
  const at::Tensor wide = at::ceil(logarithm * (middle - 1)) + middle;
  return at::where(size <= middle, distance.to(wide.scalar_type()), wide * at::sign(distance)).to(at::kLong);
}

/// Where the products of content and position are found for each pair of tokens of a sequence.
struct RelativePlaces {
  at::Tensor of_query;  ///< [length (i), length (j)]: for products of query i with a relative position
  at::Tensor of_key;    ///< [length (j), length (i)]: for products of key j with a relative position
};

class DebertaLayer {
 public:
  /// `relative` is [2 * span, hidden]; undefined without relative attention.
  DebertaLayer(const ModelConfig& config, const Scope& scope, const at::Tensor& relative)
      : heads_(config.heads), head_dim_(config.head_dim), activation_(config.activation) {
    const auto hidden = config.hidden_size;
    const auto& options = config.disentangled;
    const auto self = scope / "attention" / "self";
    qkv_ =
        side_by_side({self / "query_proj", self / "key_proj", self / "value_proj"}, {hidden, hidden, hidden}, hidden);
    if (relative.defined()) project_positions(options, self, relative);
    const auto terms = 1 + (options.content_to_position ? 1 : 0) + (options.position_to_content ? 1 : 0);
    scale_ = 1 / std::sqrt(static_cast<double>(head_dim_ * terms));
    attention_out_ = (scope / "attention" / "output" / "dense").linear(hidden, hidden);
    attention_norm_ = (scope / "attention" / "output" / "LayerNorm").layer_norm(hidden, config.norm_eps);
    up_ = (scope / "intermediate" / "dense").linear(config.intermediate_size, hidden);
    down_ = (scope / "output" / "dense").linear(hidden, config.intermediate_size);
    norm_ = (scope / "output" / "LayerNorm").layer_norm(hidden, config.norm_eps);
  }

  at::Tensor operator()(const at::Tensor& x, const PackedBatch& batch,
                        const std::vector<RelativePlaces>& places) const {
    const at::Tensor attended = attention_norm_.of_sum(x, attention_out_(mix(qkv_(x), batch, places))).normed;
    return norm_.of_sum(attended, down_(up_.activated(attended, activation_))).normed;
  }

 private:
  /// The relative positions' keys and queries are the same for every text.
  void project_positions(const Disentangled& options, const Scope& self, const at::Tensor& relative) {
    const auto project = [&](const char* shared, const char* own) {
      const auto hidden = relative.size(1);
      const auto scope = self / (options.share_attention_key ? shared : own);
      const at::Tensor projected =
          at::linear(relative, scope.take("weight", {hidden, hidden}), scope.take("bias", {hidden}));
      return projected.unflatten(1, {heads_, head_dim_}).permute({1, 2, 0}).contiguous();  // [heads, head_dim, 2 span]
    };
    if (options.content_to_position) position_key_ = project("key_proj", "pos_key_proj");
    if (options.position_to_content) position_query_ = project("query_proj", "pos_query_proj");
  }

  at::Tensor mix(const at::Tensor& qkv, const PackedBatch& batch, const std::vector<RelativePlaces>& places) const {
    at::Tensor result = at::empty({qkv.size(0), heads_ * head_dim_}, qkv.options());
    for (std::size_t r = 0; r < batch.runs.size(); ++r) {
      const auto& run = batch.runs[r];
      for (std::int64_t s = 0; s < run.sequences; ++s) {
        const auto first = run.first_token + s * run.length;
        // [heads, length, head_dim] each
        const auto parts = qkv.narrow(0, first, run.length).unflatten(1, {3, heads_, head_dim_}).permute({1, 2, 0, 3});
        result.narrow(0, first, run.length).copy_(attend(parts[0], parts[1], parts[2], places[r]));
      }
    }
    return result;
  }

  /// One sequence: [length, heads * head_dim].
  at::Tensor attend(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                    const RelativePlaces& places) const {
    const auto length = query.size(1);
    const auto block = std::clamp<std::int64_t>(block_scores / (heads_ * length), 1, length);
    const at::Tensor by_key = position_query_.defined() ? at::bmm(key, position_query_) : at::Tensor();
    std::vector<at::Tensor> blocks;
    for (std::int64_t begin = 0; begin < length; begin += block) {
      const auto size = std::min(block, length - begin);
      const at::Tensor queries = query.narrow(1, begin, size);
      at::Tensor scores = at::bmm(queries, key.transpose(1, 2));
      if (position_key_.defined()) {
        const at::Tensor index = places.of_query.narrow(0, begin, size).unsqueeze(0);
        scores.add_(at::bmm(queries, position_key_).gather(2, index.expand({heads_, size, length})));
      }
      if (by_key.defined()) {
        const at::Tensor index = places.of_key.narrow(1, begin, size).unsqueeze(0);
        scores.add_(by_key.gather(2, index.expand({heads_, length, size})).transpose(1, 2));
      }
      blocks.push_back(at::bmm(at::softmax(scores.mul_(scale_), -1), value).transpose(0, 1).flatten(1));
    }
    return blocks.size() == 1 ? blocks[0] : at::cat(blocks);
  }

  std::int64_t heads_;
  std::int64_t head_dim_;
  Activation activation_;
  double scale_ = 1;
  at::Tensor position_key_, position_query_;  // [heads, head_dim, 2 span]
  Linear qkv_, attention_out_, up_, down_;
  LayerNorm attention_norm_, norm_;
};

/// v2's convolution beside the first layer.
class Convolution {
 public:
  Convolution(const ModelConfig& config, const Scope& scope) : options_(config.disentangled) {
    const auto hidden = config.hidden_size;
    weight_ = (scope / "conv").take("weight", {hidden, hidden / options_.conv_groups, options_.conv_kernel_size});
    bias_ = (scope / "conv").take("bias", {hidden});
    norm_ = (scope / "LayerNorm").layer_norm(hidden, config.norm_eps);
  }

  /// `x` went into the first layer, `residual` came out of it.
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& residual, const PackedBatch& batch) const {
    at::Tensor convolved = at::empty_like(x);
    for (const auto& run : batch.runs) {
      const auto tokens = run.sequences * run.length;
      const at::Tensor texts = x.narrow(0, run.first_token, tokens).unflatten(0, {run.sequences, run.length});
      const at::Tensor out = at::conv1d(texts.transpose(1, 2), weight_, bias_, 1, (options_.conv_kernel_size - 1) / 2,
                                        1, options_.conv_groups);
      convolved.narrow(0, run.first_token, tokens).copy_(out.transpose(1, 2).flatten(0, 1));
    }
    return norm_(residual + activate(convolved, options_.conv_activation));
  }

 private:
  Disentangled options_;
  at::Tensor weight_, bias_;
  LayerNorm norm_;
};

class Deberta final : public Backbone {
 public:
  Deberta(const ModelConfig& config, const Scope& root) : options_(config.disentangled) {
    take_embeddings(config, root / "embeddings");
    const auto encoder = root / "encoder";
    const at::Tensor relative = take_relative(config, encoder);
    for (std::int64_t i = 0; i < config.layers; ++i) layers_.emplace_back(config, encoder / "layer" / i, relative);
    if (options_.conv_kernel_size > 0) convolution_.emplace(config, encoder / "conv");
  }

  at::Tensor hidden(const PackedBatch& batch) const override {
    std::vector<RelativePlaces> places;
    for (const auto& run : batch.runs) places.push_back(places_for(run.length, batch.ids.device()));
    const at::Tensor embedded = embed(batch);
    at::Tensor x = embedded;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      x = layers_[i](x, batch, places);
      if (i == 0 && convolution_) x = (*convolution_)(embedded, x, batch);
    }
    return x;
  }

 private:
  void take_embeddings(const ModelConfig& config, const Scope& scope) {
    const auto size = options_.embedding_size;
    words_ = (scope / "word_embeddings").take("weight", {config.vocab_size, size});
    if (options_.position_biased_input) {
      positions_ = (scope / "position_embeddings").take("weight", {config.max_positions, size});
    }
    if (config.type_vocab_size > 0) {
      types_ = (scope / "token_type_embeddings").take("weight", {config.type_vocab_size, size});
    }
    projects_ = size != config.hidden_size;
    if (projects_) projection_ = (scope / "embed_proj").linear(config.hidden_size, size, false);
    norm_ = (scope / "LayerNorm").layer_norm(config.hidden_size, config.norm_eps);
  }

  at::Tensor take_relative(const ModelConfig& config, const Scope& encoder) {
    if (!options_.relative_attention) return {};
    span_ = options_.position_buckets > 0 ? options_.position_buckets : options_.max_relative_positions;
    const at::Tensor relative = (encoder / "rel_embeddings").take("weight", {2 * span_, config.hidden_size});
    if (!options_.norm_relative_embeddings) return relative;
    return (encoder / "LayerNorm").layer_norm(config.hidden_size, config.norm_eps)(relative);
  }

  RelativePlaces places_for(std::int64_t length, at::Device device) const {
    if (!options_.relative_attention) return {};
    const at::Tensor numbers = at::arange(length, at::kLong);
    const at::Tensor bucket = bucket_of(numbers.unsqueeze(1) - numbers.unsqueeze(0), options_);
    return {(bucket + span_).clamp_(0, 2 * span_ - 1).to(device), (span_ - bucket).clamp_(0, 2 * span_ - 1).to(device)};
  }

  at::Tensor embed(const PackedBatch& batch) const {
    at::Tensor x = words_.index_select(0, batch.ids);
    if (positions_.defined()) x = x + positions_.index_select(0, batch.positions);
    if (types_.defined()) {
      x = batch.token_types.defined() ? x + types_.index_select(0, batch.token_types) : x + types_[0];
    }
    return norm_(projects_ ? projection_(x) : x);
  }

  Disentangled options_;
  std::int64_t span_ = 0;
  bool projects_ = false;
  at::Tensor words_, positions_, types_;
  Linear projection_;
  LayerNorm norm_;
  std::vector<DebertaLayer> layers_;
  std::optional<Convolution> convolution_;
};

}  // namespace

std::unique_ptr<Backbone> make_deberta(const ModelConfig& config, const Scope& root) {
  return std::make_unique<Deberta>(config, root);
}

}  // namespace farpoint::models
