// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
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

/// The tokens [begin, end) of a sequence.
struct TokenSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Tokens of which those in `spans` are scored, each given all before it. The first token of all has nothing before it
/// and is never scored.
struct SpannedSequence {
  std::span<const std::uint32_t> ids;
  std::vector<TokenSpan> spans;  ///< within ids
};

struct Likelihood {
  double negative_log = 0;   ///< sum over the scored tokens, natural logarithm; NaN when it could not be computed
  std::uint64_t tokens = 0;  ///< how many were scored
};

/// A text, and ways in which it may go on.
struct Branches {
  std::span<const std::uint32_t> prefix;                      ///< not empty
  std::vector<std::span<const std::uint32_t>> continuations;  ///< none of them empty
};

/// What is to be continued. `stream` names the random numbers that it draws: give each prompt its own, such as the id
/// of its record, and results do not depend on which prompts come together.
struct Prompt {
  std::span<const std::uint32_t> ids;
  std::uint64_t stream = 0;
  /// Most tokens of its own; 0: as the options say.
  std::size_t max_new_tokens = 0;
};

struct GenerationOptions {
  std::size_t max_new_tokens = 16;
  /// 0: always the likeliest token, of equally likely ones the lowest; else tokens are drawn from the softmax of the
  /// logits divided by this, in float64 over the ids in their order.
  double temperature = 0;
  std::uint64_t seed = 0;
  std::vector<std::uint32_t> end_tokens;  ///< a text ends before any of these
  /// Asked after each token with all new ones of a text, on several threads: true ends it there. Unset: only end_tokens
  /// and the number do.
  std::function<bool(std::span<const std::uint32_t>)> ends;
};

/// A causal model that says how likely texts are, and writes on. Several threads may use one, but each call takes all
/// threads of parallel_for() anyway.
class LanguageModel {
 public:
  struct Implementation;  ///< what computes, in the library that is loaded for it

  /// Reads the weights. Throws UsageError for what is not supported (docs/models.md), encoders among it.
  LanguageModel(const std::filesystem::path& folder, const LanguageModelOptions& options);
  ~LanguageModel();
  LanguageModel(LanguageModel&&) noexcept;

  const tokenizer::Tokenizer& tokenizer() const;
  std::int64_t max_tokens() const;

  /// One result a sequence. Equal sequences are computed once. Results do not depend on the number of threads; other
  /// sequences in a batch may change their last bits.
  std::vector<Likelihood> score(std::span<const ScoredSequence> sequences) const;
  /// The same with one result a span, those of a sequence one behind the other in their order. A sequence goes through
  /// the model once for all its spans.
  std::vector<Likelihood> score_spans(std::span<const SpannedSequence> sequences) const;

  /// The likelihood of each continuation, given its prefix, one behind the other in their order. A prefix goes through
  /// the model once for all its continuations, and those of one token need nothing else. What is longer than
  /// max_tokens() together has a NaN and no tokens, and so has what memory does not suffice for. Throws Error where a
  /// prefix or a continuation is empty. Equal ones, threads and batches: as score().
  std::vector<Likelihood> score_branches(std::span<const Branches> branches) const;

  /// The new tokens of each prompt, without the one that ended it. Nothing is cut from a prompt: one that with the new
  /// tokens may get longer than max_tokens(), an empty one, one for which memory does not suffice, and one for which
  /// the model gives no finite numbers have none (unset). Other prompts may change the last bits of the logits, the
  /// number of threads does not.
  std::vector<std::optional<std::vector<std::uint32_t>>> generate(std::span<const Prompt> prompts,
                                                                  const GenerationOptions& options) const;

 private:
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace farpoint::models
