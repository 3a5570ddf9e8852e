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

/// Token sequences with the part of each that is scored.
struct Sequences {
  std::vector<std::uint32_t> ids;         ///< one sequence behind the other
  std::vector<std::size_t> offsets{0};    ///< [sequences + 1]: sequence i has the ids [offsets[i], offsets[i + 1])
  std::vector<std::size_t> first_scored;  ///< [sequences]: as in models::ScoredSequence
  std::size_t texts_with_bad_utf8 = 0;    ///< in which bytes that are not UTF-8 became U+FFFD

  std::size_t size() const { return first_scored.size(); }
  models::ScoredSequence operator[](std::size_t sequence) const;
};

/// Each text by itself: of its tokens, the tokenizer's special ones included, all but the first are scored. Texts of
/// chat templates have their special tokens already: `special_tokens` false.
Sequences whole_texts(const tokenizer::Tokenizer& tokenizer, std::span<const std::string_view> texts,
                      bool special_tokens = true);

/// Each response after its context, each tokenised by itself and their tokens joined: all of the response's tokens are
/// scored, none of the context's. Of special tokens only those are added that stand before a text, for what ends a text
/// must not stand between the two. As many contexts as responses.
Sequences responses_after(const tokenizer::Tokenizer& tokenizer, std::span<const std::string_view> contexts,
                          std::span<const std::string_view> responses, bool special_tokens = true);

struct Perplexity {
  double value = std::numeric_limits<double>::quiet_NaN();  ///< NaN where no token was scored, or none could be
  std::uint64_t tokens = 0;                                 ///< how many were scored
};

/// exp of the mean negative log-likelihood of the scored tokens.
Perplexity perplexity_of(const models::Likelihood& likelihood);

/// One a sequence; see models::LanguageModel::score().
std::vector<Perplexity> perplexities(const models::LanguageModel& model, const Sequences& sequences);

/// Instruction-following difficulty (Li et al. 2024, "From Quantity to Quality"): how much of the response's perplexity
/// is left once the prompt is known. Below 1 the prompt helps. NaN where either is.
double following_difficulty(const Perplexity& after_prompt, const Perplexity& alone);

}  // namespace farpoint::score
