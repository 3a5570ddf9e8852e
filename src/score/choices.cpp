// SPDX-License-Identifier: Apache-2.0
#include "farpoint/score/choices.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "farpoint/base/error.hpp"

namespace farpoint::score {

namespace {

enum PromptField : std::size_t { passage, question, options, lettered_options };
constexpr std::array<std::string_view, 4> prompt_fields{"passage", "question", "options", "lettered_options"};
enum AnswerField : std::size_t { letter, text };
constexpr std::array<std::string_view, 2> answer_fields{"letter", "text"};

constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

bool take(std::string_view& text, std::string_view start) {
  if (!text.starts_with(start)) return false;
  text.remove_prefix(start.size());
  return true;
}

bool take_any(std::string_view& text, std::span<const std::string_view> starts) {
  return std::any_of(starts.begin(), starts.end(), [&](std::string_view start) { return take(text, start); });
}

/// Behind the letter, if the option begins with it and what sets it apart from a word.
std::optional<std::string_view> without_letter(std::string_view option, std::string_view letter) {
  constexpr std::array<std::string_view, 2> opening{"(", "\uff08"};
  constexpr std::array<std::string_view, 2> closing{")", "\uff09"};
  constexpr std::array<std::string_view, 7> behind{")", "\uff09", ".", ":", "\uff0e", "\uff1a", "\u3001"};
  const bool enclosed = take_any(option, opening);
  if (!take(option, letter)) return std::nullopt;
  if (!(enclosed ? take_any(option, closing) : take_any(option, behind))) return std::nullopt;
  const auto first = option.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? std::string_view() : option.substr(first);
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text.append(text.empty() ? "" : "\n").append(line);
  return text;
}

}  // namespace

std::vector<std::string> option_texts(const corpus::MultipleChoice& choice) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < choice.options.size(); ++i) {
    const auto text = i < letters.size() ? without_letter(choice.options[i], letters.substr(i, 1)) : std::nullopt;
    if (!text) return choice.options;
    texts.emplace_back(*text);
  }
  return texts;
}

ChoiceTemplate::ChoiceTemplate(std::string_view prompt, std::string_view answer)
    : prompt_(prompt, prompt_fields), answer_(answer, answer_fields) {
  if (!answer_.uses(letter) && !answer_.uses(text)) {
    throw UsageError("an answer without {letter} or {text} is the same for all options");
  }
}

std::string ChoiceTemplate::prompt(const corpus::MultipleChoice& choice) const {
  std::vector<std::string> lettered;
  if (prompt_.uses(lettered_options)) {
    lettered = option_texts(choice);
    for (std::size_t i = 0; i < lettered.size(); ++i) {
      lettered[i] = std::string(letters.substr(i, 1)).append(". ").append(lettered[i]);
    }
  }
  const auto plain_lines = joined(choice.options);
  const auto lettered_lines = joined(lettered);
  return prompt_.fill(std::array<std::string_view, 4>{choice.passage, choice.question, plain_lines, lettered_lines});
}

std::vector<std::string> ChoiceTemplate::answers(const corpus::MultipleChoice& choice) const {
  const auto texts = option_texts(choice);
  std::vector<std::string> answers;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto own = i < letters.size() ? letters.substr(i, 1) : std::string_view();
    answers.push_back(answer_.fill(std::array<std::string_view, 2>{own, texts[i]}));
  }
  return answers;
}

bool ChoiceTemplate::can_write(const corpus::MultipleChoice& choice) const {
  const bool asks_for_letters = answer_.uses(letter) || prompt_.uses(lettered_options);
  return !choice.options.empty() && (!asks_for_letters || choice.options.size() <= letters.size());
}

ChoiceScores choice_scores(std::span<const double> log_probabilities, const std::optional<std::size_t>& label) {
  const auto is_number = [](double value) { return std::isfinite(value); };
  ChoiceScores scores;
  if (log_probabilities.empty()) return scores;
  if (!std::all_of(log_probabilities.begin(), log_probabilities.end(), is_number)) return scores;
  scores.sum = 0;
  for (const auto value : log_probabilities) scores.sum += std::exp(value);
  // Shifted by the greatest, so that options that are all very improbable have an entropy too.
  const auto greatest = *std::max_element(log_probabilities.begin(), log_probabilities.end());
  double total = 0;
  double weighted = 0;
  for (const auto value : log_probabilities) {
    const double share = std::exp(value - greatest);
    total += share;
    weighted += share > 0 ? share * (value - greatest) : 0;
  }
  scores.entropy = std::max(std::log(total) - weighted / total, 0.0);
  if (!label) return scores;
  const auto own = log_probabilities[*label];
  double best_other = 0;
  scores.rank = 1;
  for (std::size_t i = 0; i < log_probabilities.size(); ++i) {
    if (i == *label) continue;
    const auto other = log_probabilities[i];
    best_other = std::max(best_other, std::exp(other));
    scores.rank += other > own || (other == own && i < *label) ? 1 : 0;
  }
  scores.probability = std::exp(own);
  scores.margin = scores.probability - best_other;
  scores.correct = scores.rank == 1 ? 1 : 0;
  return scores;
}

}  // namespace farpoint::score
