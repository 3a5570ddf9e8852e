// SPDX-License-Identifier: Apache-2.0
// Options scored with their prompt read once, beside each scored with its whole prompt (README.md):
// choices_benchmark FOLDER QUESTIONS.jsonl COUNT float32|bfloat16 THREADS ROUNDS
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "farpoint/base/error.hpp"
#include "farpoint/base/machine.hpp"
#include "farpoint/corpus/record.hpp"
#include "farpoint/models/language_model.hpp"
#include "farpoint/score/answers.hpp"
#include "farpoint/score/choices.hpp"

namespace {

using namespace farpoint;
using Clock = std::chrono::steady_clock;

/// Questions of four options or more, of which the first four are kept; every second one and so on, so that they come
/// from all parts of the file.
std::vector<corpus::MultipleChoice> read_questions(const std::string& file, std::size_t count) {
  std::ifstream stream(file);
  if (!stream) throw UsageError(fmt::format("{}: cannot be read", file));
  corpus::RecordParser parser;
  std::vector<corpus::MultipleChoice> all;
  for (std::string line; std::getline(stream, line);) {
    auto parsed = parser.parse(line);
    const auto* record = std::get_if<corpus::Record>(&parsed);
    if (record == nullptr || !record->choice || record->choice->options.size() < 4) continue;
    all.push_back(*record->choice);
    all.back().options.resize(4);
  }
  if (all.size() < count) throw UsageError(fmt::format("{}: {} questions, not {}", file, all.size(), count));
  std::vector<corpus::MultipleChoice> chosen;
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(all[i * all.size() / count]);
  return chosen;
}

score::Answers tokens_of(const models::LanguageModel& model, const std::vector<corpus::MultipleChoice>& questions,
                         const std::string& answer) {
  const score::ChoiceTemplate how("{passage}\n{question}\n{options}\nAnswer:", answer);
  std::vector<std::string> prompts;
  std::vector<std::string> answers;
  std::vector<std::size_t> counts;
  for (const auto& question : questions) {
    prompts.push_back(how.prompt(question));
    for (const auto& one : how.answers(question)) answers.push_back(one);
    counts.push_back(question.options.size());
  }
  const std::vector<std::string_view> prompt_views(prompts.begin(), prompts.end());
  const std::vector<std::string_view> answer_views(answers.begin(), answers.end());
  return score::answers_after(model.tokenizer(), prompt_views, answer_views, counts);
}

std::vector<double> with_whole_prompts(const models::LanguageModel& model, const score::Answers& answers) {
  std::vector<std::vector<std::uint32_t>> joined;
  std::vector<std::size_t> first_scored;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto prompt = answers.prompt(i);
    for (auto a = answers.answer_offsets[i]; a < answers.answer_offsets[i + 1]; ++a) {
      joined.emplace_back(prompt.begin(), prompt.end());
      joined.back().insert(joined.back().end(), answers.answers[a].begin(), answers.answers[a].end());
      first_scored.push_back(prompt.size());
    }
  }
  std::vector<models::ScoredSequence> sequences;
  for (std::size_t i = 0; i < joined.size(); ++i) sequences.push_back({joined[i], first_scored[i]});
  std::vector<double> result;
  for (const auto& one : model.score(sequences)) result.push_back(-one.negative_log);
  return result;
}

double seconds_of(const std::function<void()>& work) {
  const auto start = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void compare(const models::LanguageModel& model, const score::Answers& answers, std::size_t rounds,
             const std::string& name) {
  std::vector<double> once;
  std::vector<double> whole;
  std::vector<double> ratios;
  std::vector<double> found;
  std::vector<double> expected;
  for (std::size_t round = 0; round < rounds; ++round) {  // in turn, so that both meet the same machine
    once.push_back(seconds_of([&] { found = score::log_probabilities(model, answers); }));
    whole.push_back(seconds_of([&] { expected = with_whole_prompts(model, answers); }));
    ratios.push_back(whole.back() / once.back());
  }
  double error = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!std::isfinite(found[i])) throw Error("a question is too long for the model");
    error = std::max(error, std::abs(found[i] - expected[i]) / std::abs(expected[i]));
  }
  const auto count = static_cast<double>(answers.size());
  std::cout << fmt::format("| {} | {:.0f} | {:.1f} | {:.2f} | {:.2f} | {:.2f}x | {:.1e} |\n", name,
                           static_cast<double>(answers.prompt_ids.size()) / count,
                           static_cast<double>(answers.answers.ids.size()) / static_cast<double>(found.size()),
                           count / median(once), count / median(whole), median(ratios), error);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 7) {
    std::cerr << "usage: choices_benchmark FOLDER QUESTIONS.jsonl COUNT float32|bfloat16 THREADS ROUNDS\n";
    return 2;
  }
  try {
    const auto questions = read_questions(arguments[2], std::stoul(arguments[3]));
    models::LanguageModelOptions options;
    if (std::string(arguments[4]) == "bfloat16") options.execution.precision = models::Precision::bf16;
    set_threads(std::stoi(arguments[5]));
    const models::LanguageModel model(arguments[1], options);
    const auto rounds = std::stoul(arguments[6]);
    std::cout
        << "| answer | tokens of a prompt | of an answer | prompt once: questions/s | whole prompts: questions/s | "
           "ratio | greatest relative difference |\n|---|---|---|---|---|---|---|\n";
    compare(model, tokens_of(model, questions, " {letter}"), rounds, "letter");
    compare(model, tokens_of(model, questions, " {text}"), rounds, "text");
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}
