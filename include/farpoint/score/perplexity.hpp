// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "farpoint/models/language_model.hpp"
#include "farpoint/tokenizer/tokenizer.hpp"

/// What likelihoods say of texts. Which text of a record that is, is decided elsewhere.
namespace farpoint::score {

/// Token sequences with the spans of each that are scored.
struct Sequences {
  std::vector<std::uint32_t> ids;            ///< one sequence behind the other
  std::vector<std::size_t> offsets{0};       ///< [sequences + 1]: sequence i has the ids [offsets[i], offsets[i + 1])
  std::vector<models::TokenSpan> spans;      ///< one sequence's behind the other's, each within its sequence
  std::vector<std::size_t> span_offsets{0};  ///< [sequences + 1]: of each sequence's first span
  std::size_t texts_with_bad_utf8 = 0;       ///< in which bytes that are not UTF-8 became U+FFFD

  std::size_t size() const { return offsets.size() - 1; }
  models::SpannedSequence operator[](std::size_t sequence) const;
  /// Tokens of a sequence that a model reads: up to the last one that is scored.
  std::size_t tokens_read(std::size_t sequence) const;
};

/// Each text by itself: of its tokens, the tokenizer's special ones included, all but the first are scored. Texts of
/// chat templates have their special tokens already: `special_tokens` false.
Sequences whole_texts(const tokenizer::Tokenizer& tokenizer, std::span<const std::string_view> texts,
                      bool special_tokens = true);

/// Texts in parts, each part tokenised by itself and their tokens joined. `counts` says how many of `parts` are each
/// text's: the first stands before an answer, the second is the answer, the third stands before the next one, and so
/// on. Each answer is a span: all of its tokens are scored, and no others. Of special tokens only those are added that
/// stand before a text, for what ends a text must not stand between its parts. Throws Error where a count is odd, or
/// they are not as many as there are parts.
Sequences answers_within(const tokenizer::Tokenizer& tokenizer, std::span<const std::string_view> parts,
                         std::span<const std::size_t> counts, bool special_tokens = true);

/// The same of one answer each: each response after its context. As many contexts as responses.
Sequences responses_after(const tokenizer::Tokenizer& tokenizer, std::span<const std::string_view> contexts,
                          std::span<const std::string_view> responses, bool special_tokens = true);

struct Perplexity {
  static constexpr double none = std::numeric_limits<double>::quiet_NaN();
  double value = none;       ///< NaN where no token was scored, or none could be
  double loss = none;        ///< its natural logarithm: the mean negative log-likelihood of the scored tokens
  std::uint64_t tokens = 0;  ///< how many were scored
};

/// exp of the mean negative log-likelihood of the scored tokens.
Perplexity perplexity_of(const models::Likelihood& likelihood);
/// The same over the tokens of all of them.
Perplexity pooled_perplexity(std::span<const models::Likelihood> likelihoods);

/// What the perplexities of a conversation's answers come to.
struct AnswerPerplexities {
  Perplexity pooled;
  std::uint64_t answers = 0;  ///< those with a scored token
  double mean =
      Perplexity::none;           ///< of the answers' own perplexities, each counting as much; NaN where one of them is
  double max = Perplexity::none;  ///< likewise
};
AnswerPerplexities answer_perplexities(std::span<const models::Likelihood> answers);

/// One a span; see models::LanguageModel::score_spans().
std::vector<models::Likelihood> likelihoods(const models::LanguageModel& model, const Sequences& sequences);
/// One a sequence, pooled over its spans.
std::vector<Perplexity> perplexities(const models::LanguageModel& model, const Sequences& sequences);

/// Instruction-following difficulty (Li et al. 2024, "From Quantity to Quality"): how much of the response's perplexity
/// is left once the prompt is known. Below 1 the prompt helps. NaN where either is.
double following_difficulty(const Perplexity& after_prompt, const Perplexity& alone);

/// The reversed one, r-IFD (Li et al. 2024, "Selective Reflection-Tuning", section 3): the perplexity of the prompt
/// given the response, over that of the prompt alone. Below 1 the prompt can be told from its response.
double reversed_difficulty(const Perplexity& after_response, const Perplexity& alone);

}  // namespace farpoint::score
