// SPDX-License-Identifier: Apache-2.0
#include "farpoint/score/rating.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "farpoint/base/error.hpp"

namespace farpoint::score {

std::vector<Exchange> exchanges_of(const corpus::Record& record) {
  std::vector<Exchange> exchanges;
  std::string asked;
  for (const auto& turn : record.turns) {
    if (turn.role == corpus::Role::user) {
      if (!asked.empty() && !turn.text.empty()) asked += "\n";
      asked += turn.text;
    } else if (turn.role == corpus::Role::assistant) {
      exchanges.push_back({std::exchange(asked, {}), turn.text});
    }
  }
  return exchanges;
}

std::string_view complexity_prompt() {
  return "You are a helpful assistant. Please identify the complexity score of the following user query. \n"
         "##Query: {instruction}  \n##Complexity: ";
}

std::string_view quality_prompt() {
  return "You are a helpful assistant. Please identify the quality score of the Response corresponding to the "
         "Question. \n #Question#:\n{instruction}\n#Response#:\n{output} \n##Quality: ";
}

Scale make_scale(const tokenizer::Tokenizer& tokenizer, std::span<const std::string> texts) {
  Scale scale;
  for (const auto& text : texts) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
      throw UsageError(fmt::format("'{}' is no number, so it cannot be a rating", text));
    }
    const auto token = tokenizer.token_to_id(text);
    if (!token) {
      throw UsageError(
          fmt::format("the model's tokenizer has no token '{}'; take ratings that are one token each", text));
    }
    scale.tokens.push_back(*token);
    scale.values.push_back(value);
  }
  return scale;
}

std::vector<double> expected_ratings(const models::LanguageModel& model, std::span<const std::string_view> prompts,
                                     const Scale& scale) {
  const auto tokens = model.tokenizer().encode(prompts, {false, 0});
  const auto& front = model.tokenizer().front();
  std::vector<std::vector<std::uint32_t>> ids(prompts.size());
  std::vector<models::Branches> branches;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    if (tokens[i].empty()) continue;
    ids[i] = front;
    ids[i].insert(ids[i].end(), tokens[i].begin(), tokens[i].end());
    models::Branches of_prompt{ids[i], {}};
    for (const auto& token : scale.tokens) of_prompt.continuations.emplace_back(&token, 1);
    branches.push_back(std::move(of_prompt));
    places.push_back(i);
  }
  const auto likelihoods = model.score_branches(branches);
  std::vector<double> ratings(prompts.size(), std::numeric_limits<double>::quiet_NaN());
  std::vector<double> logits(scale.tokens.size());
  for (std::size_t b = 0; b < branches.size(); ++b) {
    for (std::size_t t = 0; t < logits.size(); ++t) logits[t] = -likelihoods[b * logits.size() + t].negative_log;
    if (std::any_of(logits.begin(), logits.end(), [](double x) { return !std::isfinite(x); })) continue;
    to_scores(Output::softmax, logits);
    double rating = 0;
    for (std::size_t t = 0; t < logits.size(); ++t) rating += logits[t] * scale.values[t];
    ratings[places[b]] = rating;
  }
  return ratings;
}

void to_scores(Output output, std::span<double> logits) {
  if (output == Output::raw) return;
  if (output == Output::sigmoid) {
    for (auto& x : logits) x = x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
    return;
  }
  const double greatest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (auto& x : logits) sum += x = std::exp(x - greatest);
  for (auto& x : logits) x /= sum;
}

}  // namespace farpoint::score
