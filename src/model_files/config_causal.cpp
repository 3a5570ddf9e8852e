// SPDX-License-Identifier: Apache-2.0
// Defaults: transformers, configuration_{gpt2,llama,mistral,qwen2,qwen3}.py.
#include <fmt/format.h>

#include "config_reader.hpp"

namespace farpoint::model_files {

namespace {

/// What Llama, Mistral and Qwen have in common. `kv_heads`: unset means as many as heads.
void read_common(const JsonObject& file, const Sizes& defaults, std::optional<std::int64_t> kv_heads,
                 std::optional<std::int64_t> head_dim, ModelConfig& config) {
  read_sizes(file, defaults, config);
  const auto width = file.has("head_dim") ? file.integer("head_dim", 1, most_width / 4) : head_dim;
  if (width) {
    config.head_dim = *width;
  } else {
    split_into_heads(file, "num_attention_heads", config);
  }
  // A null, unlike an absent key, means as many as heads.
  const std::int64_t absent = file.is_null("num_key_value_heads") ? config.heads : kv_heads.value_or(config.heads);
  config.kv_heads = file.integer("num_key_value_heads", absent, 1, most_heads);
  if (config.heads % config.kv_heads != 0) {
    file.refuse("num_key_value_heads",
                fmt::format("there are {} in {} heads, which should be a multiple", config.kv_heads, config.heads));
  }
  config.pad_token_id = read_pad_token(file, std::nullopt, config);
  config.activation = read_activation(file, "hidden_act", "silu");
  config.norm_eps = read_eps(file, "rms_norm_eps", 1e-6);
  config.tie_word_embeddings = file.flag("tie_word_embeddings", false);
  config.norm_bias = false;
  config.mlp_bias = false;
  config.rope = read_rope(file, config);
}

void set_attention_bias(bool query_key_value, bool output, ModelConfig& config) {
  config.query_key_value_bias = query_key_value;
  config.attention_output_bias = output;
}

std::optional<std::int64_t> read_window(const JsonObject& file) {
  if (file.is_null("sliding_window")) return std::nullopt;
  return file.integer("sliding_window", 4'096, 1, most_positions);
}

/// Qwen: windows only when asked for, in the layers that layer_types names, else from max_window_layers on.
void read_qwen_windows(const JsonObject& file, ModelConfig& config) {
  const auto window = file.flag("use_sliding_window", false) ? read_window(file) : std::nullopt;
  const std::int64_t first = file.integer("max_window_layers", 28, 0, most_layers);
  const auto sliding = read_layer_types(file, config.layers);
  for (std::int64_t layer = 0; layer < config.layers; ++layer) {
    const bool local = sliding ? (*sliding)[static_cast<std::size_t>(layer)] : window && layer >= first;
    if (local && !window) {
      file.refuse("layer_types", "it asks for sliding_attention, which needs use_sliding_window and sliding_window");
    }
    config.windows.push_back(local ? window : std::nullopt);
  }
}

}  // namespace

void read_gpt2(const JsonObject& file, ModelConfig& config) {
  const std::string width = file.either("n_embd", "hidden_size");
  const std::string layers = file.either("n_layer", "num_hidden_layers");
  const std::string heads = file.either("n_head", "num_attention_heads");
  const std::string positions = file.either("n_positions", "max_position_embeddings");
  config.vocab_size = file.integer("vocab_size", 50'257, 1, most_vocab);
  config.hidden_size = file.integer(width, 768, 1, most_width);
  config.layers = file.integer(layers, 12, 1, most_layers);
  config.heads = file.integer(heads, 12, 1, most_heads);
  config.intermediate_size = file.integer("n_inner", 4 * config.hidden_size, 1, most_intermediate);
  config.max_positions = file.integer(positions, 1'024, 1, most_positions);
  split_into_heads(file, heads, config);
  config.pad_token_id = read_pad_token(file, std::nullopt, config);
  config.activation = read_activation(file, "activation_function", "gelu_new");
  config.norm_eps = read_eps(file, "layer_norm_epsilon", 1e-5);
  config.tie_word_embeddings = file.flag("tie_word_embeddings", true);
  config.scale_attention = file.flag("scale_attn_weights", true);
  config.scale_by_inverse_layer = file.flag("scale_attn_by_inverse_layer_idx", false);
}

void read_llama(const JsonObject& file, ModelConfig& config) {
  read_common(file, {32'000, 4'096, 32, 32, 11'008, 2'048}, std::nullopt, std::nullopt, config);
  const bool bias = file.flag("attention_bias", false);
  set_attention_bias(bias, bias, config);
  config.mlp_bias = file.flag("mlp_bias", false);
}

void read_mistral(const JsonObject& file, ModelConfig& config) {
  read_common(file, {32'000, 4'096, 32, 32, 14'336, 131'072}, 8, std::nullopt, config);
  set_attention_bias(false, false, config);
  const auto window = read_window(file);
  config.windows.assign(static_cast<std::size_t>(config.layers), window);
  const auto sliding = read_layer_types(file, config.layers);
  for (std::size_t layer = 0; sliding && layer < sliding->size(); ++layer) {
    if ((*sliding)[layer] != window.has_value()) {
      file.refuse("layer_types", "it contradicts sliding_window, which is of all layers in this family");
    }
  }
}

void read_qwen2(const JsonObject& file, ModelConfig& config) {
  read_common(file, {151'936, 4'096, 32, 32, 22'016, 32'768}, 32, std::nullopt, config);
  set_attention_bias(true, false, config);
  read_qwen_windows(file, config);
}

void read_qwen3(const JsonObject& file, ModelConfig& config) {
  read_common(file, {151'936, 4'096, 32, 32, 22'016, 32'768}, 32, 128, config);
  const bool bias = file.flag("attention_bias", false);
  set_attention_bias(bias, bias, config);
  read_qwen_windows(file, config);
}

}  // namespace farpoint::model_files
