// SPDX-License-Identifier: Apache-2.0
#include "classification_head.hpp"

#include <cmath>

#include "dropout.hpp"
#include "pooling.hpp"

namespace farpoint::models {

namespace {

using model_files::Family;

/// Maybe a dense layer and its activation, then the classifier, on one vector a sequence.
class DenseHead : public ClassificationHead {
 public:
  enum class Reads { first_token, last_token, mean };

  DenseHead(Reads reads, Linear classifier) : reads_(reads), classifier_(std::move(classifier)) {}

  /// Tokens that do not count as the last one (Reads::last_token).
  void pass_over(std::int64_t padding) { padding_ = padding; }

  void put_before(Linear dense, Activation activation) {
    dense_ = std::move(dense);
    activation_ = activation;
  }
  void drop(double of_input, double before_classifier) {
    input_dropout_ = of_input;
    dropout_ = before_classifier;
  }
  void put_before_classifier(LayerNorm norm) { norm_ = std::move(norm); }

  at::Tensor logits(const at::Tensor& hidden, const PackedBatch& batch) const override {
    at::Tensor x = dropped(read(hidden, batch), input_dropout_, batch);
    if (dense_) x = dense_->activated(x, activation_);
    if (norm_) x = (*norm_)(x);
    return classifier_(dropped(x, dropout_, batch));
  }

 private:
  at::Tensor read(const at::Tensor& hidden, const PackedBatch& batch) const {
    switch (reads_) {
      case Reads::last_token:
        return hidden.index_select(0, last_rows(batch).to(hidden.device()));
      case Reads::mean:
        return pool(hidden, batch, {model_files::PoolingMode::mean}).to(hidden.scalar_type());
      case Reads::first_token:
        break;
    }
    return first_tokens(hidden, batch);
  }

  /// transformers looks for the padding token itself, so one that ends a text is passed over too.
  at::Tensor last_rows(const PackedBatch& batch) const {
    const at::Tensor host = batch.ids.to(at::kCPU);
    const auto* ids = host.const_data_ptr<std::int64_t>();
    std::vector<std::int64_t> rows;
    for (std::size_t s = 0; s + 1 < batch.starts.size(); ++s) {
      auto row = batch.starts[s + 1] - 1;
      while (row > batch.starts[s] && ids[row] == padding_) --row;
      rows.push_back(row);
    }
    return at::tensor(rows, at::kLong);
  }

  Reads reads_;
  std::int64_t padding_ = -1;
  double input_dropout_ = 0, dropout_ = 0;
  std::optional<Linear> dense_;
  Activation activation_ = Activation::identity;
  std::optional<LayerNorm> norm_;
  Linear classifier_;
};

using Reads = DenseHead::Reads;

/// Classifiers of NVIDIA's data curation: no pooler, a layer called fc on the first token. Trained are those that
/// transformers has.
bool has_plain_layer(const Parameters& parameters) {
  return !parameters.are_trained() && parameters.contains("fc.weight") && !parameters.contains("classifier.weight");
}

Initial initial_of(const ModelConfig& config) {
  return {config.initializer_range, config.initializer_cutoff};
}

/// ModernBERT's weights begin smaller the deeper the model, and those of its classifiers by its width.
Initial initial_of_classifier(const ModelConfig& config) {
  if (config.family != Family::modernbert) return initial_of(config);
  return {1 / std::sqrt(static_cast<double>(config.hidden_size)), config.initializer_cutoff};
}

Initial initial_of_dense(const ModelConfig& config) {
  auto initial = initial_of(config);
  if (config.family == Family::modernbert) initial.deviation /= std::sqrt(2 * static_cast<double>(config.layers));
  return initial;
}

}  // namespace

std::unique_ptr<ClassificationHead> make_classification_head(const ModelConfig& config, Parameters& parameters) {
  const Scope root(parameters, "");
  const Scope backbone(parameters, backbone_prefix(config, parameters));
  const auto hidden = config.hidden_size;
  const auto labels = static_cast<std::int64_t>(config.labels.size());
  if (has_plain_layer(parameters)) {
    return std::make_unique<DenseHead>(Reads::first_token, (root / "fc").linear(labels, hidden));
  }
  if (model_files::is_causal(config.family)) {
    auto head = std::make_unique<DenseHead>(Reads::last_token, (root / "score").linear(labels, hidden, false));
    head->pass_over(config.pad_token_id);
    return head;
  }
  const bool has_own_dense = config.family == Family::roberta || config.family == Family::mpnet;
  const auto classifier = root / (has_own_dense ? "classifier.out_proj" : "classifier");
  const auto reads = config.mean_pooled_head ? Reads::mean : Reads::first_token;
  if (parameters.are_trained()) parameters.draw_missing(initial_of_classifier(config));
  auto head = std::make_unique<DenseHead>(reads, classifier.linear(labels, hidden));
  head->drop(config.dropout.head_input, config.dropout.classifier);
  if (parameters.are_trained()) parameters.draw_missing(initial_of_dense(config));
  switch (config.family) {
    case Family::roberta:
    case Family::mpnet:
      head->put_before((root / "classifier.dense").linear(hidden, hidden), Activation::tanh);
      break;
    case Family::distilbert:
      head->put_before((root / "pre_classifier").linear(hidden, hidden), Activation::relu);
      break;
    case Family::deberta_v2:
      head->put_before((root / "pooler.dense").linear(hidden, hidden), config.disentangled.pooler_activation);
      break;
    case Family::modernbert:
      head->put_before((root / "head.dense").linear(hidden, hidden, config.head_bias), config.head_activation);
      head->put_before_classifier((root / "head.norm").layer_norm(hidden, config.norm_eps, config.norm_bias));
      break;
    default:
      head->put_before((backbone / "pooler" / "dense").linear(hidden, hidden), Activation::tanh);
  }
  return head;
}

}  // namespace farpoint::models
