// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/corpus/record.hpp"
#include "farpoint/score/template.hpp"

/// Multiple-choice questions by the probabilities that a model gives to their options.
namespace farpoint::score {

/// The options without the letters that they begin with: "(A)", "A)", "A.", "A:" and their like of full width, if every
/// option begins with the letter of its own place, and white space behind it. Else the options as they are.
std::vector<std::string> option_texts(const corpus::MultipleChoice& choice);

/// How a question and its options are written.
/// Fields of a prompt: {passage}, {question}; {options}: one a line, as they stand in the record; {lettered_options}:
/// one a line, "A. " and the option without a letter of its own. Fields of an answer: {letter}: A for the first option
/// and so on; {text}: the option without a letter of its own.
class ChoiceTemplate {
 public:
  /// Throws UsageError for other fields, and for an answer without any.
  ChoiceTemplate(std::string_view prompt, std::string_view answer);

  std::string prompt(const corpus::MultipleChoice& choice) const;
  /// One an option.
  std::vector<std::string> answers(const corpus::MultipleChoice& choice) const;
  /// False where there are no options, or more than letters where letters are asked for.
  bool can_write(const corpus::MultipleChoice& choice) const;

 private:
  Template prompt_, answer_;
};

/// What log-probabilities of options say. NaN where an option's is, and in all but `sum` and `entropy` without a label.
struct ChoiceScores {
  static constexpr double none = std::numeric_limits<double>::quiet_NaN();
  double sum = none;          ///< of the options' probabilities: low where the model would rather say something else
  double correct = none;      ///< 1: the labelled option's rank is 1; else 0
  double margin = none;       ///< probability of the labelled option less that of the best other (0 if there is none)
  double entropy = none;      ///< of the options' probabilities over their sum, natural logarithm
  double probability = none;  ///< of the labelled option
  double rank = none;         ///< of the labelled option, from 1; of equally probable ones the first is better
};

ChoiceScores choice_scores(std::span<const double> log_probabilities, const std::optional<std::size_t>& label);

}  // namespace farpoint::score
