// SPDX-License-Identifier: Apache-2.0
#include "farpoint/score/answers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "farpoint/base/error.hpp"

namespace farpoint::score {

std::span<const std::uint32_t> Answers::prompt(std::size_t i) const {
  return std::span(prompt_ids).subspan(prompt_offsets[i], prompt_offsets[i + 1] - prompt_offsets[i]);
}

std::size_t Answers::longest(std::size_t i) const {
  std::size_t most = 0;
  for (auto a = answer_offsets[i]; a < answer_offsets[i + 1]; ++a) most = std::max(most, answers[a].size());
  return prompt(i).size() + most;
}

bool Answers::can_be_scored(std::size_t i) const {
  if (prompt(i).empty() || answer_offsets[i] == answer_offsets[i + 1]) return false;
  for (auto a = answer_offsets[i]; a < answer_offsets[i + 1]; ++a) {
    if (answers[a].empty()) return false;
  }
  return true;
}

std::size_t Answers::tokens(std::size_t i) const {
  return prompt(i).size() + answers.offsets[answer_offsets[i + 1]] - answers.offsets[answer_offsets[i]];
}

Answers answers_after(const tokenizer::Tokenizer& tokenizer, std::span<const std::string_view> prompts,
                      std::span<const std::string_view> answers, std::span<const std::size_t> counts) {
  const auto counted = std::accumulate(counts.begin(), counts.end(), std::size_t{0});
  if (counts.size() != prompts.size() || counted != answers.size()) {
    throw Error(fmt::format("{} answers for {} prompts, but counts of {} for {}", answers.size(), prompts.size(),
                            counted, counts.size()));
  }
  const auto before = tokenizer.encode(prompts, {false, 0});
  const auto& front = tokenizer.front();
  Answers result;
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    result.prompt_ids.insert(result.prompt_ids.end(), front.begin(), front.end());
    result.prompt_ids.insert(result.prompt_ids.end(), before[i].begin(), before[i].end());
    result.prompt_offsets.push_back(result.prompt_ids.size());
    result.answer_offsets.push_back(result.answer_offsets.back() + counts[i]);
  }
  result.answers = tokenizer.encode(answers, {false, 0});
  result.texts_with_bad_utf8 = before.records_with_bad_utf8 + result.answers.records_with_bad_utf8;
  return result;
}

std::vector<double> log_probabilities(const models::LanguageModel& model, const Answers& answers) {
  std::vector<double> result(answers.answers.size(), std::numeric_limits<double>::quiet_NaN());
  std::vector<models::Branches> branches;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const bool fits = answers.longest(i) <= static_cast<std::size_t>(model.max_tokens());
    if (!fits || !answers.can_be_scored(i)) continue;
    branches.push_back({answers.prompt(i), {}});
    for (auto a = answers.answer_offsets[i]; a < answers.answer_offsets[i + 1]; ++a) {
      branches.back().continuations.push_back(answers.answers[a]);
      places.push_back(a);
    }
  }
  const auto likelihoods = model.score_branches(branches);
  for (std::size_t b = 0; b < likelihoods.size(); ++b) result[places[b]] = -likelihoods[b].negative_log;
  return result;
}

}  // namespace farpoint::score
