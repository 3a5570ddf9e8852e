// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/corpus/record.hpp"
#include "farpoint/models/language_model.hpp"

/// Ratings that models give.
namespace farpoint::score {

/// A question of a conversation and the answer that it got.
struct Exchange {
  std::string prompt;
  std::string response;
};

/// The exchanges of a record in order: what users said since the answer before, joined by a newline, and the answer.
/// Turns of tools and of the system belong to none. A record without an answer has none.
std::vector<Exchange> exchanges_of(const corpus::Record& record);

/// The published prompts of DEITA's scorers (Liu et al. 2024, "What Makes Good Data for Alignment?"; hkust-nlp/deita,
/// selection/scorer), with the fields {instruction} and {output}.
std::string_view complexity_prompt();
std::string_view quality_prompt();

/// The ratings that a model may give: each one token, and the number that it stands for.
struct Scale {
  std::vector<std::uint32_t> tokens;
  std::vector<double> values;
};

/// Throws UsageError where a text of the scale is not one token of the tokenizer, or no number.
Scale make_scale(const tokenizer::Tokenizer& tokenizer, std::span<const std::string> texts);

/// How a text is rated: the mean of the scale's values, each weighted by the probability that the model goes on with
/// its token rather than with another one of the scale. NaN where a prompt is empty, or with one token more longer than
/// the model's max_tokens().
std::vector<double> expected_ratings(const models::LanguageModel& model, std::span<const std::string_view> prompts,
                                     const Scale& scale);

/// What outputs of a classifier become.
enum class Output { softmax, sigmoid, raw };

/// In place, one row.
void to_scores(Output output, std::span<double> logits);

}  // namespace farpoint::score
