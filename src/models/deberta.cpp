// SPDX-License-Identifier: Apache-2.0
// DeBERTa v2 and v3 (He et al. 2021): attention with products of content and relative position.
// transformers: models/deberta_v2/modeling_deberta_v2.py.
#include <ATen/TensorIndexing.h>

#include <algorithm>
#include <cmath>

#include "backbone.hpp"
#include "dropout.hpp"
#include "one_thread.hpp"
#include "recording.hpp"

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

/// Keys and queries of the relative positions, [heads, head_dim, 2 span]; undefined where there are none.
struct PositionProducts {
  at::Tensor key;
  at::Tensor query;
};

class DebertaLayer {
 public:
  /// `relative` is [2 * span, hidden]; undefined without relative attention.
  DebertaLayer(const ModelConfig& config, const Scope& scope, const at::Tensor& relative)
      : heads_(config.heads),
        head_dim_(config.head_dim),
        activation_(config.activation),
        options_(config.disentangled),
        dropout_(config.dropout) {
    const auto hidden = config.hidden_size;
    const auto self = scope / "attention" / "self";
    qkv_ =
        side_by_side({self / "query_proj", self / "key_proj", self / "value_proj"}, {hidden, hidden, hidden}, hidden);
    if (relative.defined() && scope.are_trained()) {
      take_position_layers(self, hidden);
    } else if (relative.defined()) {
      positions_ = project_positions(self, relative);
    }
    const auto terms = 1 + (options_.content_to_position ? 1 : 0) + (options_.position_to_content ? 1 : 0);
    scale_ = 1 / std::sqrt(static_cast<double>(head_dim_ * terms));
    attention_out_ = (scope / "attention" / "output" / "dense").linear(hidden, hidden);
    attention_norm_ = (scope / "attention" / "output" / "LayerNorm").layer_norm(hidden, config.norm_eps);
    up_ = (scope / "intermediate" / "dense").linear(config.intermediate_size, hidden);
    down_ = (scope / "output" / "dense").linear(hidden, config.intermediate_size);
    norm_ = (scope / "output" / "LayerNorm").layer_norm(hidden, config.norm_eps);
  }

  /// `relative` is looked at in training only.
  at::Tensor operator()(const at::Tensor& x, const PackedBatch& batch, const std::vector<RelativePlaces>& places,
                        const at::Tensor& relative) const {
    const at::Tensor mixed = mix(qkv_(x), batch, places, is_trained_ ? trained_positions(relative, batch) : positions_);
    const at::Tensor out = dropped(attention_out_(mixed), dropout_.attention_output, batch);
    const at::Tensor attended = attention_norm_.of_sum(x, out).normed;
    const at::Tensor output = dropped(down_(up_.activated(attended, activation_)), dropout_.output, batch);
    return norm_.of_sum(attended, output).normed;
  }

 private:
  at::Tensor by_heads(const at::Tensor& projected) const {
    return projected.unflatten(1, {heads_, head_dim_}).permute({1, 2, 0}).contiguous();
  }

  /// The relative positions' keys and queries are the same for every text.
  PositionProducts project_positions(const Scope& self, const at::Tensor& relative) const {
    const OneThread alone;
    const auto project = [&](const char* shared, const char* own) {
      const auto hidden = relative.size(1);
      const auto scope = self / (options_.share_attention_key ? shared : own);
      return by_heads(at::linear(relative, scope.take("weight", {hidden, hidden}), scope.take("bias", {hidden})));
    };
    PositionProducts positions;
    if (options_.content_to_position) positions.key = project("key_proj", "pos_key_proj");
    if (options_.position_to_content) positions.query = project("query_proj", "pos_query_proj");
    return positions;
  }

  /// In training they change with every step. Shared ones lie in qkv_.
  void take_position_layers(const Scope& self, std::int64_t hidden) {
    is_trained_ = true;
    if (options_.share_attention_key) return;
    if (options_.content_to_position) position_key_ = (self / "pos_key_proj").linear(hidden, hidden);
    if (options_.position_to_content) position_query_ = (self / "pos_query_proj").linear(hidden, hidden);
  }

  PositionProducts trained_positions(const at::Tensor& given, const PackedBatch& batch) const {
    const auto hidden = given.size(1);
    const at::Tensor relative = dropped(given, dropout_.positions, batch);
    const bool shared = options_.share_attention_key;
    PositionProducts positions;
    if (options_.content_to_position) {
      positions.key = by_heads(shared ? qkv_.part(relative, hidden, hidden) : position_key_(relative));
    }
    if (options_.position_to_content) {
      positions.query = by_heads(shared ? qkv_.part(relative, 0, hidden) : position_query_(relative));
    }
    return positions;
  }

  at::Tensor mix(const at::Tensor& qkv, const PackedBatch& batch, const std::vector<RelativePlaces>& places,
                 const PositionProducts& positions) const {
    const bool recorded = is_recorded(qkv);
    at::Tensor result = recorded ? at::Tensor() : empty_rows(batch, {qkv.size(0), heads_ * head_dim_}, qkv.options());
    std::vector<at::Tensor> recorded_parts;
    for (std::size_t r = 0; r < batch.runs.size(); ++r) {
      const auto& run = batch.runs[r];
      for (std::int64_t s = 0; s < run.sequences; ++s) {
        const auto first = run.first_token + s * run.length;
        // [heads, length, head_dim] each
        const auto parts = qkv.narrow(0, first, run.length).unflatten(1, {3, heads_, head_dim_}).permute({1, 2, 0, 3});
        const at::Tensor part = attend(parts[0], parts[1], parts[2], places[r], positions, batch);
        if (recorded) {
          recorded_parts.push_back(part);
        } else {
          result.narrow(0, first, run.length).copy_(part);
        }
      }
    }
    return recorded ? at::cat(recorded_parts) : result;
  }

  /// One sequence: [length, heads * head_dim].
  at::Tensor attend(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                    const RelativePlaces& places, const PositionProducts& positions, const PackedBatch& batch) const {
    const auto length = query.size(1);
    const auto block = std::clamp<std::int64_t>(block_scores / (heads_ * length), 1, length);
    const at::Tensor by_key = positions.query.defined() ? at::bmm(key, positions.query) : at::Tensor();
    std::vector<at::Tensor> blocks;
    for (std::int64_t begin = 0; begin < length; begin += block) {
      const auto size = std::min(block, length - begin);
      const at::Tensor queries = query.narrow(1, begin, size);
      at::Tensor scores = at::bmm(queries, key.transpose(1, 2));
      if (positions.key.defined()) {
        const at::Tensor index = places.of_query.narrow(0, begin, size).unsqueeze(0);
        scores.add_(at::bmm(queries, positions.key).gather(2, index.expand({heads_, size, length})));
      }
      if (by_key.defined()) {
        const at::Tensor index = places.of_key.narrow(1, begin, size).unsqueeze(0);
        scores.add_(by_key.gather(2, index.expand({heads_, length, size})).transpose(1, 2));
      }
      const at::Tensor shares = dropped(at::softmax(scores.mul_(scale_), -1), dropout_.attention, batch);
      blocks.push_back(at::bmm(shares, value).transpose(0, 1).flatten(1));
    }
    return blocks.size() == 1 ? blocks[0] : at::cat(blocks);
  }

  std::int64_t heads_;
  std::int64_t head_dim_;
  Activation activation_;
  Disentangled options_;
  model_files::DropoutShares dropout_;
  double scale_ = 1;
  PositionProducts positions_;
  bool is_trained_ = false;
  Linear position_key_, position_query_;  // in training, where they are not shared
  Linear qkv_, attention_out_, up_, down_;
  LayerNorm attention_norm_, norm_;
};

/// v2's convolution beside the first layer.
class Convolution {
 public:
  Convolution(const ModelConfig& config, const Scope& scope)
      : options_(config.disentangled), dropout_(config.dropout.output) {
    const auto hidden = config.hidden_size;
    weight_ = (scope / "conv").take("weight", {hidden, hidden / options_.conv_groups, options_.conv_kernel_size});
    bias_ = (scope / "conv").take("bias", {hidden});
    norm_ = (scope / "LayerNorm").layer_norm(hidden, config.norm_eps);
  }

  /// `x` went into the first layer, `residual` came out of it.
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& residual, const PackedBatch& batch) const {
    std::vector<at::Tensor> parts;
    for (const auto& run : batch.runs) {
      const auto tokens = run.sequences * run.length;
      const at::Tensor texts = x.narrow(0, run.first_token, tokens).unflatten(0, {run.sequences, run.length});
      const at::Tensor out = at::conv1d(texts.transpose(1, 2), weight_, bias_, 1, (options_.conv_kernel_size - 1) / 2,
                                        1, options_.conv_groups);
      parts.push_back(out.transpose(1, 2).flatten(0, 1));
    }
    if (batch.rows() > batch.tokens())
      parts.push_back(at::zeros_like(x.narrow(0, batch.tokens(), batch.rows() - batch.tokens())));
    const at::Tensor convolved = dropped(at::cat(parts), dropout_, batch);
    return norm_(residual + activate(convolved, options_.conv_activation));
  }

 private:
  Disentangled options_;
  double dropout_;
  at::Tensor weight_, bias_;
  LayerNorm norm_;
};

class Deberta final : public Backbone {
 public:
  Deberta(const ModelConfig& config, const Scope& root)
      : options_(config.disentangled), dropout_(config.dropout.embeddings) {
    take_embeddings(config, root / "embeddings");
    const auto encoder = root / "encoder";
    take_relative(config, encoder);
    const at::Tensor relative = normed_relative();
    if (!root.are_trained()) relative_ = at::Tensor();  // the layers have what they need
    for (std::int64_t i = 0; i < config.layers; ++i) layers_.emplace_back(config, encoder / "layer" / i, relative);
    if (options_.conv_kernel_size > 0) convolution_.emplace(config, encoder / "conv");
  }

  at::Tensor hidden(const PackedBatch& batch) const override {
    std::vector<RelativePlaces> places;
    for (const auto& run : batch.runs) places.push_back(places_for(run.length, batch.ids.device()));
    const at::Tensor embedded = embed(batch);
    const at::Tensor relative = normed_relative();
    at::Tensor x = embedded;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      x = layers_[i](x, batch, places, relative);
      if (i == 0 && convolution_) x = (*convolution_)(embedded, x, batch);
    }
    return x;
  }

 private:
  void take_embeddings(const ModelConfig& config, const Scope& scope) {
    const auto size = options_.embedding_size;
    words_ = (scope / "word_embeddings").table(config.vocab_size, size);
    if (options_.position_biased_input) {
      positions_ = (scope / "position_embeddings").table(config.max_positions, size);
    }
    if (config.type_vocab_size > 0) {
      types_ = (scope / "token_type_embeddings").table(config.type_vocab_size, size);
    }
    projects_ = size != config.hidden_size;
    if (projects_) projection_ = (scope / "embed_proj").linear(config.hidden_size, size, false);
    norm_ = (scope / "LayerNorm").layer_norm(config.hidden_size, config.norm_eps);
  }

  void take_relative(const ModelConfig& config, const Scope& encoder) {
    if (!options_.relative_attention) return;
    span_ = options_.position_buckets > 0 ? options_.position_buckets : options_.max_relative_positions;
    relative_ = (encoder / "rel_embeddings").take("weight", {2 * span_, config.hidden_size});
    if (!options_.norm_relative_embeddings) return;
    relative_norm_ = (encoder / "LayerNorm").layer_norm(config.hidden_size, config.norm_eps);
  }

  /// [2 * span, hidden], as all layers read it.
  at::Tensor normed_relative() const {
    return relative_.defined() && options_.norm_relative_embeddings ? relative_norm_(relative_) : relative_;
  }

  RelativePlaces places_for(std::int64_t length, at::Device device) const {
    if (!options_.relative_attention) return {};
    const at::Tensor numbers = at::arange(length, at::kLong);
    const at::Tensor bucket = bucket_of(numbers.unsqueeze(1) - numbers.unsqueeze(0), options_);
    return {(bucket + span_).clamp_(0, 2 * span_ - 1).to(device), (span_ - bucket).clamp_(0, 2 * span_ - 1).to(device)};
  }

  at::Tensor embed(const PackedBatch& batch) const {
    at::Tensor x = look_up(words_, batch.ids);
    if (positions_.defined()) x = x + look_up(positions_, batch.positions);
    if (types_.defined()) {
      x = batch.token_types.defined() ? x + look_up(types_, batch.token_types) : x + types_[0];
    }
    return dropped(norm_(projects_ ? projection_(x) : x), dropout_, batch);
  }

  Disentangled options_;
  std::int64_t span_ = 0;
  double dropout_;  // of the embeddings
  bool projects_ = false;
  at::Tensor words_, positions_, types_;
  at::Tensor relative_;  // [2 * span, hidden]; in training
  Linear projection_;
  LayerNorm norm_, relative_norm_;
  std::vector<DebertaLayer> layers_;
  std::optional<Convolution> convolution_;
};

}  // namespace

std::unique_ptr<Backbone> make_deberta(const ModelConfig& config, const Scope& root) {
  return std::make_unique<Deberta>(config, root);
}

}  // namespace farpoint::models
