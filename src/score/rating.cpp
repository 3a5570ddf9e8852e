// SPDX-License-Identifier: Apache-2.0
#include "farpoint/score/rating.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "farpoint/base/error.hpp"

namespace farpoint::score {

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

std::optional<std::uint32_t> only_token(const tokenizer::Tokenizer& tokenizer, std::string_view text) {
  if (const auto named = tokenizer.token_to_id(text)) return named;
  const auto tokens = tokenizer.encode(std::span(&text, 1), {false, 0});
  if (tokens.ids.size() != 1) return std::nullopt;
  return tokens.ids[0];
}

void append(std::string& text, std::string_view more) {
  if (!text.empty()) text += '\n';
  text += more;
}

}  // namespace

std::vector<Exchange> exchanges_of(std::span<const corpus::Turn> turns) {
  std::vector<Exchange> exchanges;
  for (const auto& turn : turns) {
    if (turn.text.empty()) continue;
    if (turn.role == corpus::Role::user) {
      if (exchanges.empty() || !exchanges.back().response.empty()) exchanges.emplace_back();
      append(exchanges.back().prompt, turn.text);
    } else if (turn.role == corpus::Role::assistant && !exchanges.empty()) {
      append(exchanges.back().response, turn.text);
    }
  }
  return exchanges;
}

std::string_view deita_complexity_prompt() {
  return "You are a helpful assistant. Please identify the complexity score of the following user query. \n"
         "##Query: {instruction}  \n##Complexity: ";
}

std::string_view deita_quality_prompt() {
  return "You are a helpful assistant. Please identify the quality score of the Response corresponding to the "
         "Question. "
         "\n #Question#:\n{instruction}\n#Response#:\n{output} \n##Quality: ";
}

RatingScale rating_scale(const tokenizer::Tokenizer& tokenizer, std::span<const std::string> texts,
                         std::span<const double> numbers) {
  RatingScale scale;
  scale.numbers.assign(numbers.begin(), numbers.end());
  for (const auto& text : texts) {
    const auto token = only_token(tokenizer, text);
    if (!token) {
      throw UsageError(fmt::format("'{}' is not one token of the model; a rating must be, so give other texts", text));
    }
    const auto same = std::find(scale.tokens.begin(), scale.tokens.end(), *token);
    if (same != scale.tokens.end()) {
      throw UsageError(
          fmt::format("'{}' and '{}' are the same token of the model", texts[same - scale.tokens.begin()], text));
    }
    scale.tokens.push_back(*token);
  }
  return scale;
}

PromptRatings rate_prompts(const models::LanguageModel& model, std::span<const std::string_view> prompts,
                           const RatingScale& scale) {
  const auto tokens = model.tokenizer().encode(prompts, {false, 0});
  const auto& front = model.tokenizer().front();
  PromptRatings ratings;
  ratings.values.assign(prompts.size(), none);
  ratings.too_long.assign(prompts.size(), 0);
  ratings.prompts_with_bad_utf8 = tokens.records_with_bad_utf8;
  std::vector<std::vector<std::uint32_t>> prefixes;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    auto prefix = front;
    prefix.insert(prefix.end(), tokens[i].begin(), tokens[i].end());
    ratings.tokens += prefix.size();
    ratings.too_long[i] = prefix.size() + 1 > static_cast<std::size_t>(model.max_tokens()) ? 1 : 0;
    if (prefix.empty() || ratings.too_long[i] != 0) continue;
    prefixes.push_back(std::move(prefix));
    places.push_back(i);
  }
  std::vector<models::Branches> branches;
  for (const auto& prefix : prefixes) {
    branches.push_back({prefix, {}});
    for (const auto& token : scale.tokens) branches.back().continuations.emplace_back(&token, 1);
  }
  const auto likelihoods = model.score_branches(branches);
  std::vector<double> weights(scale.tokens.size());
  for (std::size_t b = 0; b < branches.size(); ++b) {
    for (std::size_t t = 0; t < weights.size(); ++t) weights[t] = -likelihoods[b * weights.size() + t].negative_log;
    ratings.values[places[b]] = expectation(weights, scale.numbers);
  }
  return ratings;
}

double expectation(std::span<const double> log_weights, std::span<const double> numbers) {
  const double greatest = *std::max_element(log_weights.begin(), log_weights.end());
  double sum = 0;
  double weighted = 0;
  for (std::size_t i = 0; i < log_weights.size(); ++i) {
    const double weight = std::exp(log_weights[i] - greatest);
    sum += weight;
    weighted += weight * numbers[i];
  }
  return weighted / sum;
}

double label_value(std::span<const float> logits, std::size_t label, LabelOutput output) {
  const double logit = logits[label];
  switch (output) {
    case LabelOutput::softmax: {
      double sum = 0;
      for (const float other : logits) sum += std::exp(other - logit);
      return 1 / sum;
    }
    case LabelOutput::sigmoid:
      return 1 / (1 + std::exp(-logit));
    case LabelOutput::raw:
      break;
  }
  return logit;
}

double label_number(std::string_view label) {
  double number = none;
  const auto [end, error] = std::from_chars(label.data(), label.data() + label.size(), number);
  return error == std::errc() && std::isfinite(number) ? number : none;
}

}  // namespace farpoint::score
