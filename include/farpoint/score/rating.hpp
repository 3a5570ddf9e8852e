// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/corpus/record.hpp"
#include "farpoint/models/language_model.hpp"
#include "farpoint/tokenizer/tokenizer.hpp"

/// Ratings by models: a causal model that is asked for one (Liu et al. 2024, "What Makes Good Data for Alignment?",
/// called DEITA, section 2.2 and 2.3), and what the outputs of a classifier come to.
namespace farpoint::score {

/// What the user asked, and what was answered to it.
struct Exchange {
  std::string prompt;
  std::string response;  ///< may be empty
};

/// A conversation begins an exchange with each user's turn that follows an answer. Turns of the user in a row, and of
/// the assistant in a row, are joined by a newline. Turns of others (system, tools, calls), turns without text, and
/// what is said before the user says anything are passed over.
std::vector<Exchange> exchanges_of(std::span<const corpus::Turn> turns);

/// The prompts that DEITA's complexity and quality scorers were trained with (hkust-nlp/deita, Llama_Scorer and
/// Mistral_Scorer), with {instruction} and {output}.
std::string_view deita_complexity_prompt();
std::string_view deita_quality_prompt();

/// The tokens by which a model rates, and the numbers that they stand for.
struct RatingScale {
  std::vector<std::uint32_t> tokens;
  std::vector<double> numbers;
};

/// A text's token is the one of that very name, so "1" is the digit without a mark for a space before it, as it stands
/// behind a prompt that ends with a space; else the only token that the tokenizer makes of it. Throws UsageError naming
/// a text that has no single token, or the token of another.
RatingScale rating_scale(const tokenizer::Tokenizer& tokenizer, std::span<const std::string> texts,
                         std::span<const double> numbers);

struct PromptRatings {
  std::vector<double> values;             ///< one a prompt
  std::uint64_t tokens = 0;               ///< of all prompts
  std::vector<std::uint8_t> too_long;     ///< [prompts]: 1 where the prompt and a rating are longer than max_tokens()
  std::size_t prompts_with_bad_utf8 = 0;  ///< in which bytes that are not UTF-8 became U+FFFD
};

/// The expectation of the rating behind each prompt: the sum over the scale of number times probability, with
/// probabilities that are the softmax of the logits of the scale's tokens alone. What the tokenizer adds before a text
/// stands before the prompt, nothing is added behind. NaN for prompts that are too long, those without a token, and
/// where memory does not suffice.
PromptRatings rate_prompts(const models::LanguageModel& model, std::span<const std::string_view> prompts,
                           const RatingScale& scale);

/// The sum of number times softmax(log_weights); NaN where a weight is.
double expectation(std::span<const double> log_weights, std::span<const double> numbers);

enum class LabelOutput : std::uint8_t { softmax, sigmoid, raw };

/// One label's probability, or its logit: of the logits of one text.
double label_value(std::span<const float> logits, std::size_t label, LabelOutput output);

/// The number that a label begins with, such as 4 of "4 stars", or 3.5 of "3.5"; NaN where it begins with none.
double label_number(std::string_view label);

}  // namespace farpoint::score
