// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/model_files/sentence_pipeline.hpp"
#include "farpoint/models/execution.hpp"
#include "farpoint/tokenizer/tokenizer.hpp"

namespace farpoint::models {

struct EmbedderOptions {
  /// Unset: what the folder's modules.json says; the mean over the tokens for folders without one.
  std::optional<model_files::PoolingMode> pooling;
  /// Tokens that are read of a text, special ones included; unset: what the folder says.
  std::optional<std::int64_t> max_tokens;
  /// Stands before each text; unset: the folder's default prompt.
  std::optional<std::string> prompt;
  Execution execution;
};

struct Embeddings {
  std::vector<float> vectors;         ///< [texts, dimension()], row-major; NaN where there is none
  std::vector<std::uint32_t> failed;  ///< the texts without a vector, ascending: no token, or no memory even alone
  std::uint64_t distinct = 0;         ///< texts that were computed; the others are copies of them
  std::uint64_t tokens = 0;           ///< of all texts, as far as they are read
  std::uint64_t truncated = 0;        ///< texts that are longer than max_tokens()
  std::uint64_t bad_utf8 = 0;         ///< texts in which bytes that are not UTF-8 became U+FFFD
};

/// Texts to vectors, as sentence-transformers computes them: an encoder folder with its modules.json, or any folder of
/// a known architecture. Several threads may use one, but each call takes all threads of parallel_for() anyway.
class Embedder {
 public:
  struct Implementation;  ///< what computes, in the library that is loaded for it

  /// Reads the weights. Throws UsageError for what is not supported (docs/models.md).
  Embedder(const std::filesystem::path& folder, const EmbedderOptions& options);
  ~Embedder();
  Embedder(Embedder&&) noexcept;

  std::int64_t dimension() const;
  std::int64_t max_tokens() const;

  /// Puts the prompt before the texts, lower-cases them if the folder asks for it, tokenises and truncates. On the CPU;
  /// may run while another thread is in embed().
  tokenizer::TokenLists tokenize(std::span<const std::string_view> texts) const;
  /// Texts of the same tokens get the same bits. The rest of a text's batch may change the last bits of its vector, so
  /// these depend on `texts` as a whole, but not on the number of threads.
  Embeddings embed(const tokenizer::TokenLists& texts) const;
  /// Both, for many texts: while the device computes some, the next ones are tokenised.
  Embeddings embed(std::span<const std::string_view> texts) const;

 private:
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace farpoint::models
