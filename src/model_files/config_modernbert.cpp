// SPDX-License-Identifier: Apache-2.0
// Defaults: transformers, configuration_modernbert.py.
#include <fmt/format.h>

#include "config_reader.hpp"

namespace farpoint::model_files {

namespace {

const nlohmann::json nothing = nlohmann::json::object();

void read_windows(const JsonObject& file, ModelConfig& config) {
  const std::int64_t every = file.integer("global_attn_every_n_layers", 3, 1, most_layers);
  const std::int64_t window = file.integer("local_attention", 128, 2, most_positions) / 2;
  const auto sliding = read_layer_types(file, config.layers);
  for (std::int64_t layer = 0; layer < config.layers; ++layer) {
    const bool local = sliding ? (*sliding)[static_cast<std::size_t>(layer)] : layer % every != 0;
    config.windows.push_back(local ? std::optional(window) : std::nullopt);
  }
}

/// In v4 rope_scaling, if any, is of all layers; in v5 rope_parameters has an object for each type of layer.
Rope read_rope_of(const JsonObject& file, const std::string& layer_type, double theta, const ModelConfig& config) {
  if (file.is_set("rope_scaling")) {
    const auto parameters = file.object("rope_scaling");
    for (const char* key : {"full_attention", "sliding_attention"}) {
      if (parameters->has(key)) file.refuse("rope_scaling", "values of single layer types belong in rope_parameters");
    }
    return read_rope_values(*parameters, theta, std::nullopt, config);
  }
  const JsonObject parameters = file.object("rope_parameters").value_or(JsonObject(nothing, ""));
  for (const auto& [key, value] : parameters.entries()) {
    if (key != "full_attention" && key != "sliding_attention") {
      parameters.refuse(key, "only full_attention and sliding_attention are read here");
    }
  }
  const JsonObject values = parameters.object(layer_type).value_or(JsonObject(nothing, ""));
  return read_rope_values(values, theta, std::nullopt, config);
}

void read_head(const JsonObject& file, ModelConfig& config) {
  const std::string pooling = file.text("classifier_pooling", "cls");
  if (pooling != "cls" && pooling != "mean") file.refuse("classifier_pooling", "known are cls and mean");
  config.mean_pooled_head = pooling == "mean";
  config.head_bias = file.flag("classifier_bias", false);
  config.head_activation = read_activation(file, "classifier_activation", "gelu");
}

void read_training(const JsonObject& file, ModelConfig& config) {
  config.initializer_range = read_initializer_range(file);
  config.initializer_cutoff = file.number("initializer_cutoff_factor", 2, 0, 1e6);
  DropoutShares& shares = config.dropout;
  shares.embeddings = read_dropout(file, "embedding_dropout", 0);
  shares.attention = shares.attention_output = read_dropout(file, "attention_dropout", 0);
  shares.inner = read_dropout(file, "mlp_dropout", 0);
  shares.classifier = read_dropout(file, "classifier_dropout", 0);
}

}  // namespace

void read_modernbert(const JsonObject& file, ModelConfig& config) {
  read_sizes(file, {50'368, 768, 22, 12, 1'152, 8'192}, config);
  split_into_heads(file, "num_attention_heads", config);
  if (config.head_dim % 2 != 0) {
    file.refuse("num_attention_heads",
                fmt::format("heads have {} dimensions; rotary embeddings need pairs", config.head_dim));
  }
  config.pad_token_id = read_pad_token(file, 50'283, config);
  config.activation = read_activation(file, "hidden_activation", "gelu");
  config.norm_eps = read_eps(file, "norm_eps", 1e-5);
  config.tie_word_embeddings = file.flag("tie_word_embeddings", true);
  config.norm_bias = file.flag("norm_bias", false);
  config.query_key_value_bias = file.flag("attention_bias", false);
  config.attention_output_bias = config.query_key_value_bias;
  config.mlp_bias = file.flag("mlp_bias", false);
  read_windows(file, config);
  const double global_theta = read_theta(file, "global_rope_theta", 160'000);
  // In v4 a null stands for the global one.
  const double local_theta =
      file.is_null("local_rope_theta") ? global_theta : read_theta(file, "local_rope_theta", 10'000);
  config.rope = read_rope_of(file, "full_attention", global_theta, config);
  config.local_rope = read_rope_of(file, "sliding_attention", local_theta, config);
  read_head(file, config);
  read_training(file, config);
}

}  // namespace farpoint::model_files
