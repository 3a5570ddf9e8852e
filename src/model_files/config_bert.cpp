// SPDX-License-Identifier: Apache-2.0
// BERT and the families that change little of it. Defaults: transformers, configuration_{bert,roberta,xlm_roberta,
// camembert,distilbert,mpnet}.py.
#include <fmt/format.h>

#include "config_reader.hpp"

namespace farpoint::model_files {

namespace {

constexpr std::int64_t most_types = 1'000;

void read_common(const JsonObject& file, std::int64_t default_vocab, std::int64_t default_pad, ModelConfig& config) {
  read_sizes(file, {default_vocab, 768, 12, 12, 3'072, 512}, config);
  split_into_heads(file, "num_attention_heads", config);
  config.pad_token_id = read_pad_token(file, default_pad, config);
  config.activation = read_activation(file, "hidden_act", "gelu");
  config.norm_eps = read_eps(file, "layer_norm_eps", 1e-12);
  config.tie_word_embeddings = file.flag("tie_word_embeddings", true);
  config.initializer_range = read_initializer_range(file);
  const double hidden = read_dropout(file, "hidden_dropout_prob", 0.1);
  config.dropout.embeddings = config.dropout.attention_output = config.dropout.output = hidden;
  config.dropout.attention = read_dropout(file, "attention_probs_dropout_prob", 0.1);
  config.dropout.classifier = hidden;
}

/// Positions count from behind the padding token's.
void check_positions(const JsonObject& file, const ModelConfig& config) {
  if (config.pad_token_id < 0) file.refuse("pad_token_id", "positions count from it; it should be a token");
  if (usable_positions(config) < 1) {
    file.refuse("max_position_embeddings",
                fmt::format("it leaves no position behind those up to the padding token's, {}", config.pad_token_id));
  }
}

}  // namespace

void read_bert(const JsonObject& file, ModelConfig& config) {
  read_common(file, 30'522, 0, config);
  config.type_vocab_size = file.integer("type_vocab_size", 2, 1, most_types);
  config.dropout.classifier = read_dropout(file, "classifier_dropout", config.dropout.classifier);
}

void read_roberta(const JsonObject& file, ModelConfig& config) {
  read_common(file, config.model_type == "roberta" ? 50'265 : 30'522, 1, config);
  config.type_vocab_size = file.integer("type_vocab_size", 2, 1, most_types);
  config.dropout.classifier = read_dropout(file, "classifier_dropout", config.dropout.classifier);
  config.dropout.head_input = config.dropout.classifier;
  check_positions(file, config);
}

void read_mpnet(const JsonObject& file, ModelConfig& config) {
  read_common(file, 30'527, 1, config);
  // modeling_mpnet.py has the 1 in its code.
  if (config.pad_token_id != 1) file.refuse("pad_token_id", "positions of this family count from token 1");
  // A quarter of the buckets are of single distances, and log(128 / quarter) divides.
  config.relative_buckets = file.integer("relative_attention_num_buckets", 32, 4, 511);
  config.dropout.head_input = config.dropout.classifier;
  check_positions(file, config);
}

void read_distilbert(const JsonObject& file, ModelConfig& config) {
  const std::string width = file.either("dim", "hidden_size");
  const std::string layers = file.either("n_layers", "num_hidden_layers");
  const std::string heads = file.either("n_heads", "num_attention_heads");
  config.vocab_size = file.integer("vocab_size", 30'522, 1, most_vocab);
  config.hidden_size = file.integer(width, 768, 1, most_width);
  config.layers = file.integer(layers, 6, 1, most_layers);
  config.heads = file.integer(heads, 12, 1, most_heads);
  config.intermediate_size = file.integer("hidden_dim", 3'072, 1, most_intermediate);
  config.max_positions = file.integer("max_position_embeddings", 512, 1, most_positions);
  split_into_heads(file, heads, config);
  config.pad_token_id = read_pad_token(file, 0, config);
  config.activation = read_activation(file, "activation", "gelu");
  config.norm_eps = 1e-12;  // in modeling_distilbert.py's code
  config.tie_word_embeddings = file.flag("tie_word_embeddings", true);
  config.initializer_range = read_initializer_range(file);
  config.dropout.embeddings = config.dropout.output = read_dropout(file, "dropout", 0.1);
  config.dropout.attention = read_dropout(file, "attention_dropout", 0.1);
  config.dropout.classifier = read_dropout(file, "seq_classif_dropout", 0.2);
}

}  // namespace farpoint::model_files
