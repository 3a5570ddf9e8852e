// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "farpoint/model_files/model_config.hpp"
#include "json.hpp"

/// What the families' readers share. All throw UsageError as JsonObject does.
namespace farpoint::model_files {

// Bounds that no model comes near, and whose products fit 64 bits.
constexpr std::int64_t most_vocab = std::int64_t{1} << 24;
constexpr std::int64_t most_width = std::int64_t{1} << 18;
constexpr std::int64_t most_intermediate = std::int64_t{1} << 22;
constexpr std::int64_t most_layers = 1'000;
constexpr std::int64_t most_heads = 1'024;
constexpr std::int64_t most_positions = std::int64_t{1} << 27;
constexpr std::int64_t most_labels = 100'000;

/// A family's defaults (transformers, configuration_*.py).
struct Sizes {
  std::int64_t vocab;
  std::int64_t hidden;
  std::int64_t layers;
  std::int64_t heads;
  std::int64_t intermediate;
  std::int64_t positions;
};

/// vocab_size, hidden_size, num_hidden_layers, num_attention_heads, intermediate_size, max_position_embeddings.
void read_sizes(const JsonObject& file, const Sizes& defaults, ModelConfig& config);
/// head_dim and kv_heads where heads share hidden_size evenly.
void split_into_heads(const JsonObject& file, const std::string& heads_key, ModelConfig& config);
/// Null or -1: none.
std::int64_t read_pad_token(const JsonObject& file, std::optional<std::int64_t> if_absent, const ModelConfig& config);
double read_eps(const JsonObject& file, const std::string& key, double if_absent);
/// A share of numbers that are dropped in training; null is absent.
double read_dropout(const JsonObject& file, const std::string& key, double if_absent);
double read_initializer_range(const JsonObject& file);
Activation read_activation(const JsonObject& file, const std::string& key, const std::string& if_absent);
/// layer_types: for each layer whether it is "sliding_attention" (else "full_attention"); unset without the key.
std::optional<std::vector<bool>> read_layer_types(const JsonObject& file, std::int64_t layers);
/// id2label, num_labels and problem_type.
void read_labels(const JsonObject& file, ModelConfig& config);
/// Keys, common to all families, that would change the results if they were ignored.
void refuse_unsupported(const JsonObject& file, bool causal);

/// rope_parameters (v5), or rope_scaling and rope_theta (v4), one for all layers.
Rope read_rope(const JsonObject& file, const ModelConfig& config);
/// The values of one such object. `theta`: where it does not say its own.
Rope read_rope_values(const JsonObject& parameters, double theta, std::optional<std::int64_t> original_positions,
                      const ModelConfig& config);
/// rope_theta and the like.
double read_theta(const JsonObject& object, const std::string& key, double if_absent);

// One family each; model_type is set.
void read_bert(const JsonObject& file, ModelConfig& config);
void read_roberta(const JsonObject& file, ModelConfig& config);
void read_distilbert(const JsonObject& file, ModelConfig& config);
void read_mpnet(const JsonObject& file, ModelConfig& config);
void read_deberta_v2(const JsonObject& file, ModelConfig& config);
void read_modernbert(const JsonObject& file, ModelConfig& config);
void read_gpt2(const JsonObject& file, ModelConfig& config);
void read_llama(const JsonObject& file, ModelConfig& config);
void read_mistral(const JsonObject& file, ModelConfig& config);
void read_qwen2(const JsonObject& file, ModelConfig& config);
void read_qwen3(const JsonObject& file, ModelConfig& config);

}  // namespace farpoint::model_files
