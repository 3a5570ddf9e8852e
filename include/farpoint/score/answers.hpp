// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "farpoint/models/language_model.hpp"
#include "farpoint/tokenizer/tokenizer.hpp"

namespace farpoint::score {

/// Prompts, each with some answers that may follow it, as tokens.
struct Answers {
  std::vector<std::uint32_t> prompt_ids;       ///< one prompt behind the other
  std::vector<std::size_t> prompt_offsets{0};  ///< [prompts + 1]
  tokenizer::TokenLists answers;               ///< those of one prompt behind those of the other
  std::vector<std::size_t> answer_offsets{0};  ///< [prompts + 1]: of the first answer of each prompt
  std::size_t texts_with_bad_utf8 = 0;         ///< in which bytes that are not UTF-8 became U+FFFD

  std::size_t size() const { return prompt_offsets.size() - 1; }
  std::span<const std::uint32_t> prompt(std::size_t i) const;
  /// A prompt's tokens with those of its longest answer.
  std::size_t longest(std::size_t i) const;
  /// False where a prompt has no answer, or it or an answer has no token.
  bool can_be_scored(std::size_t i) const;
  /// Tokens of a prompt and of all its answers.
  std::size_t tokens(std::size_t i) const;
};

/// Each text is tokenised by itself, and only what the tokenizer adds before a text is added, before the prompts.
/// `counts` says how many of `answers` are each prompt's. Throws Error where these are not as many as there are.
Answers answers_after(const tokenizer::Tokenizer& tokenizer, std::span<const std::string_view> prompts,
                      std::span<const std::string_view> answers, std::span<const std::size_t> counts);

/// Natural logarithm of each answer's probability given its prompt, one behind the other; NaN where the prompt's
/// longest answer is longer than the model's max_tokens(), the prompt cannot be scored, or memory does not suffice.
std::vector<double> log_probabilities(const models::LanguageModel& model, const Answers& answers);

}  // namespace farpoint::score
