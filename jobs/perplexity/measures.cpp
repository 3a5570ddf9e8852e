// SPDX-License-Identifier: Apache-2.0
#include "measures.hpp"

#include <fmt/format.h>

#include <span>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace farpoint::jobs {

namespace {

using models::Likelihood;

class Measurement {
 public:
  Measurement(const ScoredTexts& texts, const models::LanguageModel& model, bool special_tokens,
              pipeline::ShardResult& result)
      : texts_(texts), model_(model), special_tokens_(special_tokens), result_(result) {}

  std::vector<score::Perplexity> whole() const {
    return pooled(score::whole_texts(model_.tokenizer(), texts_.whole.views(), special_tokens_));
  }

  std::vector<score::AnswerPerplexities> given() const {
    const auto sequences =
        score::answers_within(model_.tokenizer(), texts_.parts.views(), texts_.counts, special_tokens_);
    count(sequences);
    const auto likelihoods = score::likelihoods(model_, sequences);
    std::vector<score::AnswerPerplexities> found;
    for_each_record(likelihoods, [&](auto answers) { found.push_back(score::answer_perplexities(answers)); });
    return found;
  }

  /// By itself, an answer is a text as any other.
  std::vector<score::Perplexity> alone() const {
    std::vector<std::string_view> answers;
    for (std::size_t part = 1; part < texts_.parts.size(); part += 2) answers.push_back(texts_.parts[part]);
    const auto sequences = score::whole_texts(model_.tokenizer(), answers);
    count(sequences);
    const auto likelihoods = score::likelihoods(model_, sequences);
    std::vector<score::Perplexity> found;
    for_each_record(likelihoods, [&](auto of_answers) { found.push_back(score::pooled_perplexity(of_answers)); });
    return found;
  }

  std::vector<score::Perplexity> prompts_given() const {
    std::vector<std::string> responses;
    std::vector<std::string_view> prompts;
    for (std::size_t i = 0; i < texts_.prompts.size(); ++i) {
      const auto response = texts_.parts[2 * i + 1];
      responses.push_back(std::string(response) + "\n");
      // After nothing there is nothing to be told.
      prompts.push_back(response.empty() ? std::string_view() : texts_.prompts[i]);
    }
    const std::vector<std::string_view> contexts(responses.begin(), responses.end());
    return pooled(score::responses_after(model_.tokenizer(), contexts, prompts));
  }

  std::vector<score::Perplexity> prompts_alone() const {
    return pooled(score::whole_texts(model_.tokenizer(), texts_.prompts.views()));
  }

 private:
  void count(const score::Sequences& sequences) const {
    const auto size = static_cast<std::size_t>(model_.max_tokens());
    for (std::size_t i = 0; i < sequences.size(); ++i) {
      const auto tokens = sequences.tokens_read(i);
      result_.units += tokens;
      result_.counters["windowed"] += tokens > size ? 1 : 0;
    }
    if (sequences.texts_with_bad_utf8 > 0) result_.counters["bad_utf8"] += sequences.texts_with_bad_utf8;
  }

  std::vector<score::Perplexity> pooled(const score::Sequences& sequences) const {
    count(sequences);
    return score::perplexities(model_, sequences);
  }

  /// With the entries of each record's answers, of which there is one an answer.
  template <typename Visit>
  void for_each_record(std::span<const Likelihood> of_answers, const Visit& visit) const {
    std::size_t begin = 0;
    for (const auto parts : texts_.counts)
      visit(of_answers.subspan(std::exchange(begin, begin + parts / 2), parts / 2));
  }

  const ScoredTexts& texts_;
  const models::LanguageModel& model_;
  bool special_tokens_;
  pipeline::ShardResult& result_;
};

}  // namespace

TextChoice texts_for(const PerplexityOptions& options, const tokenizer::ChatTemplate* chat) {
  TextChoice choice;
  choice.whole = !options.condition;
  choice.answers = options.condition || options.ifd || options.reverse;
  choice.prompts = options.reverse;
  choice.view = options.text;
  choice.which = options.answers;
  choice.chat = chat;
  return choice;
}

Measures measure(const PerplexityOptions& options, const ScoredTexts& texts, const models::LanguageModel& model,
                 pipeline::ShardResult& result) {
  // A chat template writes the special tokens itself.
  const Measurement measurement(texts, model, options.writing == Writing::plain, result);
  Measures measures;
  if (!options.condition) measures.whole = measurement.whole();
  if (options.condition || options.ifd) measures.given = measurement.given();
  if (options.ifd) measures.alone = measurement.alone();
  if (options.reverse) measures.prompt_given = measurement.prompts_given();
  if (options.reverse) measures.prompt_alone = measurement.prompts_alone();
  return measures;
}

namespace {

/// What the column with this ending, one of column_endings(), says of a record.
double value_of(std::string_view ending, const score::Perplexity& main, const Measures& measures, std::size_t record) {
  if (ending.empty()) return main.value;
  if (ending == ".tokens") return static_cast<double>(main.tokens);
  if (ending == ".loss") return main.loss;
  if (ending == ".answers") return static_cast<double>(measures.given[record].answers);
  if (ending == ".mean") return measures.given[record].mean;
  if (ending == ".max") return measures.given[record].max;
  if (ending == ".ifd") return score::following_difficulty(measures.given[record].pooled, measures.alone[record]);
  if (ending == ".rifd")
    return score::reversed_difficulty(measures.prompt_given[record], measures.prompt_alone[record]);
  throw std::logic_error(fmt::format("no measure ends in '{}'", ending));
}

}  // namespace

std::vector<store::Column> columns_of(const PerplexityOptions& options, const Measures& measures) {
  const auto records = options.condition ? measures.given.size() : measures.whole.size();
  std::vector<store::Column> columns;
  for (const auto& ending : column_endings(options)) {
    std::vector<double> values;
    for (std::size_t i = 0; i < records; ++i) {
      const auto& main = options.condition ? measures.given[i].pooled : measures.whole[i];
      values.push_back(value_of(ending, main, measures, i));
    }
    columns.push_back({options.as + ending, std::move(values)});
  }
  return columns;
}

}  // namespace farpoint::jobs
