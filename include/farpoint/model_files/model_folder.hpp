// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "farpoint/model_files/model_config.hpp"
#include "farpoint/model_files/sentence_pipeline.hpp"

namespace farpoint::model_files {

/// All of a model folder but the weights themselves (Weights::open(sentence.transformer_folder)).
struct ModelFolder {
  std::filesystem::path path;
  ModelConfig config;
  SentencePipeline sentence;
  /// The most tokens of one text, special ones included: max_seq_length of the sentence-transformers file, else the
  /// smaller of the positions and the tokenizer's model_max_length; never more than a table of positions has.
  std::int64_t max_tokens = 0;
  std::filesystem::path tokenizer;  ///< tokenizer.json
  /// Every file whose content determines results, for fingerprints: settings, tokenizer, weights.
  std::vector<std::filesystem::path> files;
};

/// A relative `path` is relative to `base`. Throws UsageError that says what to do: for what is no folder (a model's
/// name on the Hub, say), for files that are missing, and for what the readers of the single files refuse.
ModelFolder open_model_folder(const std::filesystem::path& path, const std::filesystem::path& base = {});

/// Settings of how a model writes texts, such as transformers takes them from the folder.
struct GenerationSettings {
  /// Tokens that end a text: eos_token_id of generation_config.json, else of config.json; none where neither has it.
  std::vector<std::uint32_t> end_tokens;
  /// Files beside those of the folder whose content determines this.
  std::vector<std::filesystem::path> files;
};

/// Throws UsageError for what is malformed.
GenerationSettings read_generation_settings(const ModelFolder& folder);

}  // namespace farpoint::model_files
