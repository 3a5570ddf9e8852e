// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "farpoint/models/execution.hpp"
#include "farpoint/tokenizer/tokenizer.hpp"

namespace farpoint::models {

struct LanguageModelOptions {
  /// Tokens that the model sees at once; unset: its context.
  std::optional<std::int64_t> max_tokens;
  /// Texts longer than that are read in windows, each this many tokens behind the one before; unset: half a window.
  /// Every token is scored once, in the first window that holds it.
  std::optional<std::int64_t> stride;
  Execution execution;
};

/// Tokens of which those from `first_scored` on are scored, given all before them. The first token of all has nothing
/// before it and is never scored.
struct ScoredSequence {
  std::span<const std::uint32_t> ids;
  std::size_t first_scored = 1;
};

struct Likelihood {
  double negative_log = 0;   ///< sum over the scored tokens, natural logarithm; NaN when it could not be computed
  std::uint64_t tokens = 0;  ///< how many were scored
};

/// A causal model that says how likely texts are.
class LanguageModel {
 public:
  /// Reads the weights. Throws UsageError for what is not supported (docs/models.md), encoders among it.
  LanguageModel(const std::filesystem::path& folder, const LanguageModelOptions& options);
  ~LanguageModel();
  LanguageModel(LanguageModel&&) noexcept;

  const tokenizer::Tokenizer& tokenizer() const;
  std::int64_t max_tokens() const;

  /// One result a sequence. Equal sequences are computed once. Results do not depend on the number of threads; other
  /// sequences in a batch may change their last bits.
  std::vector<Likelihood> score(std::span<const ScoredSequence> sequences) const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace farpoint::models
