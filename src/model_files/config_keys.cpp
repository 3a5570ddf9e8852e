// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <charconv>

#include "config_reader.hpp"
#include "farpoint/base/error.hpp"

namespace farpoint::model_files {

namespace {

struct ActivationName {
  std::string_view name;
  Activation activation;
};

/// transformers, activations.py. Names that differ in rounding only share an entry.
constexpr std::array activation_names = {
    ActivationName{"gelu", Activation::gelu},
    ActivationName{"gelu_python", Activation::gelu},
    ActivationName{"gelu_new", Activation::gelu_tanh},
    ActivationName{"gelu_pytorch_tanh", Activation::gelu_tanh},
    ActivationName{"gelu_python_tanh", Activation::gelu_tanh},
    ActivationName{"gelu_fast", Activation::gelu_tanh},
    ActivationName{"gelu_accurate", Activation::gelu_tanh},
    ActivationName{"relu", Activation::relu},
    ActivationName{"silu", Activation::silu},
    ActivationName{"swish", Activation::silu},
    ActivationName{"tanh", Activation::tanh},
    ActivationName{"sigmoid", Activation::sigmoid},
    ActivationName{"linear", Activation::identity},
};

std::optional<std::size_t> as_index(const std::string& text, std::size_t count) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error != std::errc() || end != text.data() + text.size() || index >= count) return std::nullopt;
  return index;
}

std::vector<std::string> named_labels(const JsonObject& file, const JsonObject& id2label) {
  const auto entries = id2label.entries();
  if (entries.empty() || static_cast<std::int64_t>(entries.size()) > most_labels) {
    file.refuse("id2label", fmt::format("it should name 1 to {} labels", most_labels));
  }
  std::vector<std::optional<std::string>> labels(entries.size());
  for (const auto& [id, label] : entries) {
    const auto index = as_index(id, entries.size());
    if (!index || labels[*index]) id2label.refuse(id, "labels should be numbered from 0, each number once");
    if (!label->is_string() && !label->is_number()) id2label.refuse(id, "it should be a text");
    labels[*index] = label->is_string() ? label->get<std::string>() : label->dump();
  }
  std::vector<std::string> found;
  found.reserve(labels.size());
  for (auto& label : labels) found.push_back(std::move(*label));
  return found;
}

ProblemType read_problem(const JsonObject& file, std::size_t labels) {
  const std::string problem = file.text("problem_type", "");
  if (problem.empty()) return labels == 1 ? ProblemType::regression : ProblemType::single_label;
  if (problem == "regression") return ProblemType::regression;
  if (problem == "multi_label_classification") return ProblemType::multi_label;
  if (problem != "single_label_classification") {
    file.refuse("problem_type", "known are regression, single_label_classification and multi_label_classification");
  }
  if (labels == 1) file.refuse("problem_type", "with one label it should be regression: one label of one is certain");
  return ProblemType::single_label;
}

void refuse_if_set(const JsonObject& file, const std::string& key, std::string_view reason) {
  if (file.is_set(key)) file.refuse(key, reason);
}

}  // namespace

void read_sizes(const JsonObject& file, const Sizes& defaults, ModelConfig& config) {
  config.vocab_size = file.integer("vocab_size", defaults.vocab, 1, most_vocab);
  config.hidden_size = file.integer("hidden_size", defaults.hidden, 1, most_width);
  config.layers = file.integer("num_hidden_layers", defaults.layers, 1, most_layers);
  config.heads = file.integer("num_attention_heads", defaults.heads, 1, most_heads);
  config.intermediate_size = file.integer("intermediate_size", defaults.intermediate, 1, most_intermediate);
  config.max_positions = file.integer("max_position_embeddings", defaults.positions, 1, most_positions);
}

void split_into_heads(const JsonObject& file, const std::string& heads_key, ModelConfig& config) {
  if (config.hidden_size % config.heads != 0) {
    file.refuse(heads_key, fmt::format("it should divide the hidden size, {}", config.hidden_size));
  }
  config.head_dim = config.hidden_size / config.heads;
  config.kv_heads = config.heads;
}

std::int64_t read_pad_token(const JsonObject& file, std::optional<std::int64_t> if_absent, const ModelConfig& config) {
  if (!file.has("pad_token_id")) return file.is_null("pad_token_id") ? -1 : if_absent.value_or(-1);
  return *file.integer("pad_token_id", -1, config.vocab_size - 1);
}

double read_eps(const JsonObject& file, const std::string& key, double if_absent) {
  const double eps = file.number(key, if_absent, 0, 0.1);
  if (eps == 0) file.refuse(key, "it should be above 0");
  return eps;
}

double read_dropout(const JsonObject& file, const std::string& key, double if_absent) {
  return file.number(key, if_absent, 0, 1);
}

double read_initializer_range(const JsonObject& file) {
  return file.number("initializer_range", 0.02, 0, 1e6);
}

Activation read_activation(const JsonObject& file, const std::string& key, const std::string& if_absent) {
  const std::string name = file.text(key, if_absent);
  std::string known;
  for (const ActivationName& entry : activation_names) {
    if (entry.name == name) return entry.activation;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", entry.name);
  }
  file.refuse(key, "supported activations are " + known);
}

std::optional<std::vector<bool>> read_layer_types(const JsonObject& file, std::int64_t layers) {
  const auto types = file.texts("layer_types");
  if (!types) return std::nullopt;
  if (static_cast<std::int64_t>(types->size()) != layers) {
    file.refuse("layer_types", fmt::format("it should have one entry for each of the {} layers", layers));
  }
  std::vector<bool> sliding;
  sliding.reserve(types->size());
  for (const std::string& type : *types) {
    if (type != "sliding_attention" && type != "full_attention") {
      file.refuse("layer_types", "supported are full_attention and sliding_attention, not " + in_quotes(type));
    }
    sliding.push_back(type == "sliding_attention");
  }
  return sliding;
}

void read_labels(const JsonObject& file, ModelConfig& config) {
  const auto count = file.integer("num_labels", 1, most_labels);
  if (const auto id2label = file.object("id2label")) {
    config.labels = named_labels(file, *id2label);
    // Which of them wins depends on the version of transformers.
    if (count && *count != static_cast<std::int64_t>(config.labels.size())) {
      file.refuse("num_labels", fmt::format("but id2label names {}", config.labels.size()));
    }
  } else {
    for (std::int64_t i = 0; i < count.value_or(2); ++i) config.labels.push_back(fmt::format("LABEL_{}", i));
  }
  config.problem = read_problem(file, config.labels.size());
  config.cross_encoder_activation = file.text("sbert_ce_default_activation_function", "");
  if (const auto cross_encoder = file.object("sentence_transformers")) {
    config.cross_encoder_activation = cross_encoder->text("activation_fn", config.cross_encoder_activation);
  }
}

void refuse_unsupported(const JsonObject& file, bool causal) {
  refuse_if_set(
      file, "auto_map",
      "the model brings Python code of its own, which is not run; if the model works without it, remove the key");
  for (const char* key : {"quantization_config", "compression_config"}) {
    refuse_if_set(file, key, "quantised weights are not supported; take the model in float16, bfloat16 or float32");
  }
  for (const char* key : {"attn_logit_softcapping", "final_logit_softcapping", "query_pre_attn_scalar",
                          "per_layer_config", "pruned_heads"}) {
    refuse_if_set(file, key, "models with this are not supported");
  }
  for (const char* key : {"add_cross_attention", "is_encoder_decoder"}) {
    refuse_if_set(file, key, "models with two parts are not supported");
  }
  if (file.text("position_embedding_type", "absolute") != "absolute") {
    file.refuse("position_embedding_type", "only absolute is supported");
  }
  if (causal) {
    if (!file.flag("is_causal", true)) file.refuse("is_causal", "this family is supported with causal attention only");
    refuse_if_set(file, "use_bidirectional_attention", "this family is supported with causal attention only");
  } else {
    refuse_if_set(file, "is_decoder", "this family is supported as an encoder only");
    refuse_if_set(file, "is_causal", "this family is supported as an encoder only");
  }
}

}  // namespace farpoint::model_files
