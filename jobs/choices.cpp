// SPDX-License-Identifier: Apache-2.0
// jobs/choices.cpp: how probable a causal language model finds the options of multiple-choice questions.
#include "farpoint/score/choices.hpp"

#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "farpoint/base/error.hpp"
#include "farpoint/base/log.hpp"
#include "farpoint/score/answers.hpp"
#include "jobs.hpp"
#include "model_job.hpp"

namespace farpoint::jobs {

namespace {

using namespace pipeline;

struct ChoicesOptions {
  std::string model;
  std::string as = "choices";
  std::string prompt = "{passage}\n{question}\n{options}\nAnswer:";
  std::string answer = " {letter}";
  std::optional<std::uint64_t> max_tokens;
  std::optional<std::uint64_t> batch_tokens;

  static Fields<ChoicesOptions> fields() {
    using C = ChoicesOptions;
    return {
        option("model", &C::model, "a causal language model, by its name under `models`").need(),
        option("as", &C::as,
               "name of the column, the sum of the options' probabilities; beside it NAME.correct, NAME.margin, "
               "NAME.entropy, NAME.probability and NAME.rank"),
        option("template", &C::prompt,
               "what stands before the answer, with {passage}, {question}, {options} as they stand in the record or "
               "{lettered_options}; a line whose field is missing is left out"),
        option("answer", &C::answer, "each option as an answer, with {letter} or {text}"),
        option("max_tokens", &C::max_tokens,
               "records of more tokens, with their longest answer, have no value; unset: as the folder says"),
        option("batch_tokens", &C::batch_tokens,
               "tokens that go through the model at once; unset: what suits the device. Changes rounding"),
    };
  }
};

/// The questions of a shard that can be asked.
struct Questions {
  std::vector<std::size_t> rows;  // of the shard
  std::vector<std::optional<std::size_t>> labels;
  store::Strings prompts;
  store::Strings answers;  // one question's behind the other's
  std::vector<std::size_t> counts;
};

class Choices final : public LanguageModelJob {
 public:
  Choices(ChoicesOptions options, const Node& where, const JobSetup& setup)
      : LanguageModelJob("choices", options.model, options.batch_tokens, where, setup), options_(std::move(options)) {
    read_templates(where);
    if (!model_.folder) return;
    check_causal("choices", *model_.folder, where);
    options_.max_tokens = resolve_max_tokens("choices", options_.max_tokens, 2, *model_.folder, where);
  }

  std::string as() const override { return options_.as; }
  std::vector<ColumnSpec> writes() const override {
    std::vector<std::string> endings;
    for (const auto& [ending, member] : parts) endings.emplace_back(ending);
    return number_columns(options_.as, endings);
  }
  Node options(bool results_only) const override { return resolved(encode(options_, results_only), results_only); }
  double cost(double bytes) const override { return cost_in_windows(bytes, *options_.max_tokens, true); }
  void load(int node_rank) override { load_language_model(node_rank, *options_.max_tokens); }

  ShardResult process(const Shard& shard) const override {
    ShardResult result;
    std::vector<score::ChoiceScores> scores(shard.ids().size());
    const auto questions = questions_of(shard, result);
    const auto prompts = questions.prompts.views();
    const auto texts = questions.answers.views();
    const auto answers = score::answers_after(language_model_->tokenizer(), prompts, texts, questions.counts);
    const auto values = score::log_probabilities(*language_model_, answers);
    result.counters["too_long"] = 0;
    for (std::size_t q = 0; q < questions.rows.size(); ++q) {
      const auto first = answers.answer_offsets[q];
      const auto own = std::span(values).subspan(first, questions.counts[q]);
      scores[questions.rows[q]] = score::choice_scores(own, questions.labels[q]);
      result.units += answers.tokens(q);
      result.counters["too_long"] += answers.longest(q) > *options_.max_tokens ? 1 : 0;
    }
    if (answers.texts_with_bad_utf8 > 0) result.counters["bad_utf8"] = answers.texts_with_bad_utf8;
    add_columns(scores, result);
    tell_of_failures(shard, questions, result);
    return result;
  }

 private:
  using Part = std::pair<const char*, double score::ChoiceScores::*>;
  static constexpr std::array<Part, 6> parts{{{"", &score::ChoiceScores::sum},
                                              {".correct", &score::ChoiceScores::correct},
                                              {".margin", &score::ChoiceScores::margin},
                                              {".entropy", &score::ChoiceScores::entropy},
                                              {".probability", &score::ChoiceScores::probability},
                                              {".rank", &score::ChoiceScores::rank}}};

  void read_templates(const Node& where) {
    try {
      template_.emplace(options_.prompt, "{letter}");
    } catch (const UsageError& error) {
      throw ConfigError(where.place_of("template"), fmt::format("'choices.template': {}", error.what()));
    }
    try {
      template_.emplace(options_.prompt, options_.answer);
    } catch (const UsageError& error) {
      throw ConfigError(where.place_of("answer"), fmt::format("'choices.answer': {}", error.what()));
    }
  }

  /// Records without options cost nothing; the others' prompt is read once for all their answers.
  ModelTexts sampled_texts(const Workload& work) const override {
    ModelTexts texts{{}, 1, {}, true};
    for (const auto& record : work.sample) {
      auto& text = texts.sample.emplace_back();
      if (!record.choice || !template_->can_write(*record.choice)) continue;
      text = template_->prompt(*record.choice);
      for (const auto& answer : template_->answers(*record.choice)) text += answer;
    }
    return texts;
  }

  Questions questions_of(const Shard& shard, ShardResult& result) const {
    Questions questions;
    auto& without_options = result.counters["no_options"];
    auto& without_label = result.counters["no_label"];
    shard.for_each_record([&](std::size_t row, const corpus::Record& record) {
      if (!record.choice || !template_->can_write(*record.choice)) {
        ++without_options;
        return;
      }
      questions.rows.push_back(row);
      questions.labels.push_back(corpus::labelled_option(*record.choice));
      without_label += questions.labels.back() ? 0 : 1;
      questions.prompts.push_back(template_->prompt(*record.choice));
      const auto answers = template_->answers(*record.choice);
      for (const auto& answer : answers) questions.answers.push_back(answer);
      questions.counts.push_back(answers.size());
    });
    return questions;
  }

  void add_columns(const std::vector<score::ChoiceScores>& scores, ShardResult& result) const {
    for (const auto& [ending, member] : parts) {
      std::vector<double> values;
      for (const auto& one : scores) values.push_back(one.*member);
      result.columns.push_back({options_.as + ending, std::move(values)});
    }
  }

  /// What is no question is counted, and no fault: pools mix kinds of records.
  void tell_of_failures(const Shard& shard, const Questions& questions, ShardResult& result) const {
    // What needs a label is NaN where anything is.
    const auto& ranks = result.columns.back().as<std::vector<double>>();
    std::vector<std::uint32_t> failed;
    for (const auto row : questions.rows) {
      if (std::isnan(ranks[row])) failed.push_back(static_cast<std::uint32_t>(row));
    }
    result.failed = result.counters["no_options"] + failed.size();
    failed_.tell(
        "choices " + options_.as, shard, failed,
        fmt::format("{} without a label, {} too long", result.counters["no_label"], result.counters["too_long"]));
  }

  ChoicesOptions options_;
  std::optional<score::ChoiceTemplate> template_;
};

}  // namespace

JobType choices_job() {
  return job_type<Choices, ChoicesOptions>(
      "choices", "how probable a causal language model finds the options of multiple-choice questions");
}

}  // namespace farpoint::jobs
