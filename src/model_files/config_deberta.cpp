// SPDX-License-Identifier: Apache-2.0
// Defaults: transformers, configuration_deberta_v2.py, and modeling_deberta_v2.py for keys that only it knows.
#include <fmt/format.h>

#include <algorithm>

#include "config_reader.hpp"

namespace farpoint::model_files {

namespace {

std::vector<std::string> split_at_bars(std::string text) {
  std::vector<std::string> parts(1);
  for (const char character : text) {
    if (character == '|') {
      parts.emplace_back();
    } else if (character != ' ') {
      parts.back() += character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a') : character;
    }
  }
  return parts;
}

void read_attention_types(const JsonObject& file, Disentangled& options) {
  const std::string key = "pos_att_type";
  const bool is_text = file.has(key) && file.value(key).is_string();
  const auto types = is_text ? split_at_bars(file.text(key, "")) : file.texts(key).value_or(std::vector<std::string>());
  for (const std::string& type : types) {
    if (type == "c2p") {
      options.content_to_position = true;
    } else if (type == "p2c") {
      options.position_to_content = true;
    } else if (!type.empty()) {
      file.refuse(key, "supported are c2p and p2c, as \"c2p|p2c\" or a list");
    }
  }
}

void read_relative_positions(const JsonObject& file, const ModelConfig& config, Disentangled& options) {
  options.relative_attention = file.flag("relative_attention", false);
  options.max_relative_positions = file.integer("max_relative_positions", -1, -1, most_positions);
  if (options.max_relative_positions < 1) options.max_relative_positions = config.max_positions;
  options.position_buckets = file.integer("position_buckets", -1, -1, most_positions);
  if (options.position_buckets < 1) options.position_buckets = -1;
  // Half of the buckets go to each direction, and log((positions - 1) / half) divides.
  const bool bucketed = options.relative_attention && options.position_buckets > 0;
  if (bucketed && (options.position_buckets < 4 || options.position_buckets % 2 != 0 ||
                   options.position_buckets / 2 >= options.max_relative_positions - 1)) {
    file.refuse("position_buckets",
                fmt::format("it should be even, at least 4, and below twice the relative positions, {}",
                            options.max_relative_positions));
  }
  const auto norms = split_at_bars(file.text("norm_rel_ebd", "none"));
  options.norm_relative_embeddings = std::find(norms.begin(), norms.end(), "layer_norm") != norms.end();
  options.share_attention_key = file.flag("share_att_key", false);
  read_attention_types(file, options);
}

void read_convolution(const JsonObject& file, const ModelConfig& config, Disentangled& options) {
  options.conv_kernel_size = file.integer("conv_kernel_size", 0, 0, 1'023);
  if (options.conv_kernel_size == 0) return;
  if (options.conv_kernel_size % 2 == 0) file.refuse("conv_kernel_size", "it should be odd, to keep the length");
  options.conv_groups = file.integer("conv_groups", 1, 1, config.hidden_size);
  if (config.hidden_size % options.conv_groups != 0) {
    file.refuse("conv_groups", fmt::format("it should divide the hidden size, {}", config.hidden_size));
  }
  options.conv_activation = read_activation(file, "conv_act", "tanh");
}

void read_dropouts(const JsonObject& file, ModelConfig& config) {
  const double hidden = read_dropout(file, "hidden_dropout_prob", 0.1);
  DropoutShares& shares = config.dropout;
  shares.embeddings = shares.attention_output = shares.output = shares.positions = hidden;
  shares.attention = read_dropout(file, "attention_probs_dropout_prob", 0.1);
  shares.head_input = read_dropout(file, "pooler_dropout", 0);
  shares.classifier = read_dropout(file, "cls_dropout", hidden);
}

}  // namespace

void read_deberta_v2(const JsonObject& file, ModelConfig& config) {
  read_sizes(file, {128'100, 1'536, 24, 24, 6'144, 512}, config);
  split_into_heads(file, "num_attention_heads", config);
  for (const auto& [key, needed] :
       {std::pair{"attention_head_size", config.head_dim}, std::pair{"pooler_hidden_size", config.hidden_size}}) {
    if (file.integer(key, needed, 1, most_width) != needed) file.refuse(key, fmt::format("only {} fits", needed));
  }
  config.type_vocab_size = file.integer("type_vocab_size", 0, 0, 1'000);
  config.pad_token_id = read_pad_token(file, 0, config);
  config.activation = read_activation(file, "hidden_act", "gelu");
  config.norm_eps = read_eps(file, "layer_norm_eps", 1e-7);
  config.tie_word_embeddings = file.flag("tie_word_embeddings", true);
  Disentangled& options = config.disentangled;
  read_relative_positions(file, config, options);
  read_convolution(file, config, options);
  options.position_biased_input = file.flag("position_biased_input", true);
  options.embedding_size = file.integer("embedding_size", config.hidden_size, 1, most_width);
  config.initializer_range = read_initializer_range(file);
  read_dropouts(file, config);
  options.pooler_activation = read_activation(file, "pooler_hidden_act", "gelu");
}

}  // namespace farpoint::model_files
