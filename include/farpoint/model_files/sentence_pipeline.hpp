// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "farpoint/model_files/model_config.hpp"

namespace farpoint::model_files {

/// How the vectors of the tokens become one (sentence-transformers, modules/pooling.py).
enum class PoolingMode : std::uint8_t { cls, max, mean, mean_sqrt_len, weighted_mean, last_token };

/// A linear layer behind the pooling, then an activation. Its folder holds weights of its own.
struct Dense {
  std::filesystem::path folder;
  std::int64_t in = 0;
  std::int64_t out = 0;
  bool bias = true;
  Activation activation = Activation::tanh;
  bool normalized_input = false;  ///< a Normalize comes before it
};

/// What a sentence-transformers folder does around the model: prompt, strip, lower-case, truncate; then pooling, the
/// dense layers in order, and normalisation.
struct SentencePipeline {
  bool found = false;                          ///< modules.json is there, and is that of an embedding model
  std::optional<std::int64_t> max_seq_length;  ///< in tokens, special ones included
  bool do_lower_case = false;                  ///< before the tokenizer
  std::vector<PoolingMode> pooling;            ///< in the order of concatenation; not empty when found
  std::optional<std::int64_t> pooling_width;   ///< of one of them, when the file says it
  bool include_prompt = true;                  ///< false: the prompt's tokens are left out of the pooling
  std::vector<Dense> dense;
  bool normalize = false;                      ///< at the end, behind all dense layers
  std::map<std::string, std::string> prompts;  ///< by name
  std::string default_prompt;                  ///< the text; "" none
  std::filesystem::path transformer_folder;    ///< with config.json, tokenizer and weights; `folder` when not found
  std::vector<std::filesystem::path> files;    ///< all that were read
  /// Set where config_sentence_transformers.json says CrossEncoder: its `activation_fn`, "" when absent.
  std::optional<std::string> cross_encoder_activation;
};

/// Reads modules.json and what it names. Throws UsageError naming file, key and value for what is malformed or not
/// supported: other modules than Transformer, Pooling, Dense, Normalize, another order of the first two, other inputs
/// or outputs than their usual ones.
SentencePipeline read_sentence_pipeline(const std::filesystem::path& folder);

/// One entry of modules.json.
struct SentenceModule {
  enum class Kind : std::uint8_t { transformer, pooling, dense, normalize };
  Kind kind = Kind::transformer;
  std::filesystem::path path;  ///< below the folder; may be empty
};

/// modules.json as a text; `name` stands for the file in messages. The order is checked: Transformer, Pooling,
/// then any Dense and Normalize.
std::vector<SentenceModule> parse_modules(std::string_view json, const std::string& name);

}  // namespace farpoint::model_files
