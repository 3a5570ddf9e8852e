// SPDX-License-Identifier: Apache-2.0
#include "causal_model.hpp"

#include <fmt/format.h>

#include <array>

#include "farpoint/base/error.hpp"

namespace farpoint::models {

namespace {

LanguageHead take_head(const ModelConfig& config, Parameters& parameters) {
  if (!model_files::is_causal(config.family)) {
    throw UsageError(
        fmt::format("model type '{}' is an encoder; likelihoods need a causal language model", config.model_type));
  }
  const std::array shape{config.vocab_size, config.hidden_size};
  const auto prefix = backbone_prefix(config, parameters);
  const bool is_gpt2 = config.family == model_files::Family::gpt2;
  const auto words = prefix + (is_gpt2 ? "wte.weight" : "embed_tokens.weight");
  return LanguageHead(parameters.take(config.tie_word_embeddings ? words : "lm_head.weight", shape));
}

}  // namespace

CausalModel::CausalModel(const model_files::ModelFolder& folder, const LanguageModelOptions& options)
    : model(folder, options.execution, options.max_tokens,
            [&](Parameters& parameters) { head = take_head(folder.config, parameters); }) {}

KeyValueCache CausalModel::make_cache(std::int64_t rows) const {
  const auto& config = model.folder.config;
  KeyValueCache cache;
  for (std::int64_t i = 0; i < config.layers; ++i) {
    const std::array shape{rows, config.kv_heads, config.head_dim};
    cache.keys.push_back(at::empty(shape, model.placement.options()));
    cache.values.push_back(at::empty(shape, model.placement.options()));
  }
  return cache;
}

bool CausalModel::can_be_continued(std::size_t tokens) const {
  const auto& config = model.folder.config;
  return config.rope.type != model_files::Rope::Type::dynamic ||
         tokens <= static_cast<std::size_t>(config.max_positions);
}

}  // namespace farpoint::models
