// SPDX-License-Identifier: Apache-2.0
// jobs/memory.cpp: how firmly a causal language model knows the answers to questions.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "farpoint/base/error.hpp"
#include "farpoint/base/log.hpp"
#include "farpoint/base/parallel.hpp"
#include "farpoint/base/random.hpp"
#include "farpoint/models/language_model.hpp"
#include "farpoint/score/answer_match.hpp"
#include "farpoint/score/template.hpp"
#include "jobs.hpp"
#include "memory_questions.hpp"
#include "model_job.hpp"

namespace farpoint::pipeline {

template <>
struct Names<score::AnswerMatch> {
  static constexpr std::array<std::string_view, 3> values{"prefix", "exact", "contains"};
};

}  // namespace farpoint::pipeline

namespace farpoint::jobs {

namespace {

using namespace pipeline;

constexpr std::array<std::string_view, 1> question_field{"question"};
constexpr std::uint64_t most_samples = 1000;
/// Tokens that a text may have before or behind its answer: "The ... .".
constexpr std::size_t tokens_around = 8;
/// random_bits' stream that parts these draws from those of other jobs; part of the results.
constexpr std::uint64_t seed_stream = 0x6d656d6f7279;
/// Texts that a thread compares at a time.
constexpr std::size_t block_texts = 64;

struct MemoryOptions {
  std::string model;
  std::string as = "memory";
  std::vector<std::string> templates{"Question: {question}\nAnswer:", "Q: {question}\nA:", "{question}\nThe answer is",
                                     "The question is: {question}\nThe correct answer is:"};
  std::string answer = "response";
  std::optional<std::string> aliases;
  score::AnswerMatch match = score::AnswerMatch::prefix;
  std::uint64_t samples = 0;
  double temperature = 1;
  std::uint64_t max_new_tokens = 32;
  std::optional<std::uint64_t> max_tokens;
  std::optional<std::uint64_t> batch_tokens;

  static Fields<MemoryOptions> fields() {
    using M = MemoryOptions;
    return {
        option("model", &M::model, "a causal language model, by its name under `models`").need(),
        option("as", &M::as, "name of the column: the share of the generated texts that give the answer, 0 to 1"),
        option("templates", &M::templates, "ways to ask, each with {question}, the record's prompt"),
        option("answer", &M::answer, "response, or record.KEY: the text or number (or list of them) under that key"),
        option("aliases", &M::aliases, "key of the record with other texts (or one) that count as the answer"),
        option("match", &M::match, "what the answer must be of the generated text, both normalised"),
        option("samples", &M::samples, "texts that are drawn for each template; 0: one, always by the likeliest token"),
        option("temperature", &M::temperature, "of the drawn texts: the logits are divided by it"),
        option("max_new_tokens", &M::max_new_tokens,
               "most tokens of a generated text; fewer where the record's answers are shorter"),
        option("max_tokens", &M::max_tokens,
               "records of more tokens, with the generated ones, have no value; unset: as the folder says"),
        option("batch_tokens", &M::batch_tokens,
               "tokens that the model has before it at once; unset: what suits the device. Changes rounding"),
    };
  }
};

using Ids = std::vector<std::uint32_t>;

/// A record that can be asked.
struct Asked {
  std::size_t row = 0;
  score::AnswerMatcher matcher;
  std::size_t new_tokens = 0;
};

class Memory final : public LanguageModelJob {
 public:
  Memory(MemoryOptions options, const Node& where, const JobSetup& setup)
      : LanguageModelJob("memory", options.model, options.batch_tokens, where, setup),
        options_(std::move(options)),
        seed_(random_bits(setup.config->run.seed, seed_stream, 0)) {
    check_bounds(where.place_of("samples"), "memory.samples", options_.samples, 0, most_samples);
    if (!(options_.temperature > 0) || !std::isfinite(options_.temperature)) {
      throw ConfigError(where.place_of("temperature"),
                        fmt::format("'memory.temperature' is {}, but it must be above 0", options_.temperature));
    }
    read_templates(where);
    read_places(where);
    if (!model_.folder) return;
    check_causal("memory", *model_.folder, where);
    options_.max_tokens = resolve_max_tokens("memory", options_.max_tokens, 2, *model_.folder, where);
    check_bounds(where.place_of("max_new_tokens"), "memory.max_new_tokens", options_.max_new_tokens, 1,
                 *options_.max_tokens - 1);
    read_settings(where);
  }

  std::string as() const override { return options_.as; }
  bool uses_seed() const override { return options_.samples > 0; }
  std::vector<ColumnSpec> writes() const override { return number_columns(options_.as, {""}); }
  Node options(bool results_only) const override { return resolved(encode(options_, results_only), results_only); }
  std::vector<std::filesystem::path> model_files() const override {
    auto files = model_.files();
    files.insert(files.end(), settings_.files.begin(), settings_.files.end());
    return files;
  }

  double cost(double bytes) const override { return cost_in_windows(bytes, *options_.max_tokens, true); }
  void load(int node_rank) override { load_language_model(node_rank, *options_.max_tokens); }

  ShardResult process(const Shard& shard) const override {
    ShardResult result;
    for (const auto* counter : {"no_question", "no_answer", "long_answer", "too_long"}) result.counters[counter] = 0;
    const auto questions = memory_questions(shard, *places_);
    const auto prompts = prompts_of(questions, result);
    const auto asked = asked_of(questions, prompts, result);
    std::vector<double> values(questions.size(), std::numeric_limits<double>::quiet_NaN());
    fill(asked, write_texts(shard, asked, prompts, result), values);
    const auto why = fmt::format(
        "{} without a question, {} without an answer, {} with an answer of more than {} tokens, {} too long",
        result.counters["no_question"], result.counters["no_answer"], result.counters["long_answer"],
        options_.max_new_tokens, result.counters["too_long"]);
    failed_.add_numbers("memory " + options_.as, shard, {options_.as, std::move(values)}, why, result);
    return result;
  }

 private:
  void read_templates(const Node& where) {
    const auto refuse = [&](const std::string& why) {
      throw ConfigError(where.place_of("templates"), "'memory.templates': " + why);
    };
    if (options_.templates.empty()) refuse("there must be one at least");
    for (const auto& text : options_.templates) {
      try {
        templates_.emplace_back(text, question_field);
      } catch (const UsageError& error) {
        refuse(error.what());
      }
      if (!templates_.back().uses(0)) refuse(fmt::format("'{}' has no {{question}}", text));
    }
  }

  void read_places(const Node& where) {
    try {
      places_.emplace(options_.answer, options_.aliases);
    } catch (const UsageError& error) {
      throw ConfigError(where.place_of("answer"), fmt::format("'memory.answer': {}", error.what()));
    }
  }

  void read_settings(const Node& where) {
    try {
      settings_ = model_files::read_generation_settings(*model_.folder);
    } catch (const UsageError& error) {
      throw ConfigError(where.place_of("model"), fmt::format("'memory.model': {}", error.what()));
    }
  }

  std::size_t texts_of_a_template() const { return std::max<std::size_t>(options_.samples, 1); }

  /// Tokens of each question in each template, one question's behind the other's.
  std::vector<Ids> prompts_of(const std::vector<MemoryQuestion>& questions, ShardResult& result) const {
    const auto& tokenizer = language_model_->tokenizer();
    store::Strings texts;
    for (const auto& question : questions) {
      for (const auto& one : templates_) texts.push_back(one.fill(std::array<std::string_view, 1>{question.text}));
    }
    const auto views = texts.views();
    const auto tokens = tokenizer.encode(views, {false, 0});
    if (tokens.records_with_bad_utf8 > 0) result.counters["bad_utf8"] = tokens.records_with_bad_utf8;
    std::vector<Ids> prompts;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      prompts.push_back(tokenizer.front());
      prompts.back().insert(prompts.back().end(), tokens[i].begin(), tokens[i].end());
    }
    return prompts;
  }

  /// Those that can be answered; counts the others.
  std::vector<Asked> asked_of(const std::vector<MemoryQuestion>& questions, const std::vector<Ids>& prompts,
                              ShardResult& result) const {
    const auto longest = longest_answers(questions);
    std::vector<Asked> asked;
    for (std::size_t row = 0; row < questions.size(); ++row) {
      Asked one{row, {questions[row].answers, options_.match}, options_.max_new_tokens};
      if (options_.match != score::AnswerMatch::contains) {
        one.new_tokens = std::min<std::size_t>(one.new_tokens, longest[row] + tokens_around);
      }
      const auto* why = questions[row].text.empty()                                            ? "no_question"
                        : one.matcher.empty()                                                  ? "no_answer"
                        : longest[row] == 0                                                    ? "long_answer"
                        : longest_prompt(prompts, row) + one.new_tokens > *options_.max_tokens ? "too_long"
                                                                                               : nullptr;
      if (why == nullptr) {
        asked.push_back(std::move(one));
      } else {
        ++result.counters[why];
      }
    }
    return asked;
  }

  /// Tokens of each question's longest answer of those that a generated text can hold; 0: there is none.
  std::vector<std::size_t> longest_answers(const std::vector<MemoryQuestion>& questions) const {
    store::Strings texts;
    for (const auto& question : questions) {
      for (const auto& answer : question.answers) texts.push_back(" " + answer);
    }
    const auto views = texts.views();
    const auto tokens = language_model_->tokenizer().encode(views, {false, 0});
    std::vector<std::size_t> longest;
    std::size_t next = 0;
    for (const auto& question : questions) {
      longest.push_back(0);
      for (std::size_t a = 0; a < question.answers.size(); ++a, ++next) {
        const auto size = tokens[next].size();
        if (size <= options_.max_new_tokens) longest.back() = std::max(longest.back(), size);
      }
    }
    return longest;
  }

  std::size_t longest_prompt(const std::vector<Ids>& prompts, std::size_t row) const {
    std::size_t most = 0;
    for (std::size_t t = 0; t < templates_.size(); ++t) {
      most = std::max(most, prompts[row * templates_.size() + t].size());
    }
    return most;
  }

  /// All texts of a record follow each other.
  std::vector<std::optional<Ids>> write_texts(const Shard& shard, const std::vector<Asked>& asked,
                                              const std::vector<Ids>& prompts, ShardResult& result) const {
    const auto& tokenizer = language_model_->tokenizer();
    const auto of_record = templates_.size() * texts_of_a_template();
    std::vector<models::Prompt> given;
    for (const auto& one : asked) {
      for (std::size_t i = 0; i < of_record; ++i) {
        const auto& ids = prompts[one.row * templates_.size() + i / texts_of_a_template()];
        given.push_back({ids, shard.ids()[one.row] * of_record + i, one.new_tokens});
        result.units += ids.size();
      }
    }
    models::GenerationOptions options;
    options.temperature = options_.samples > 0 ? options_.temperature : 0;
    options.seed = seed_;
    options.end_tokens = settings_.end_tokens;
    options.ends = [&](std::span<const std::uint32_t> ids) { return score::has_first_line(tokenizer.decode(ids)); };
    auto texts = language_model_->generate(given, options);
    for (const auto& text : texts) result.units += text ? text->size() : 0;
    return texts;
  }

  void fill(const std::vector<Asked>& asked, const std::vector<std::optional<Ids>>& texts,
            std::vector<double>& values) const {
    if (asked.empty()) return;
    const auto of_record = texts.size() / asked.size();
    parallel_for(asked.size(), block_texts, [&](std::size_t, std::size_t begin, std::size_t end) {
      for (std::size_t a = begin; a < end; ++a) {
        const auto own = std::span(texts).subspan(a * of_record, of_record);
        if (!std::all_of(own.begin(), own.end(), [](const auto& text) { return text.has_value(); })) continue;
        const auto given = std::count_if(own.begin(), own.end(), [&](const auto& text) {
          const auto written = language_model_->tokenizer().decode(*text);
          return asked[a].matcher.matches(score::first_line(written));
        });
        values[asked[a].row] = static_cast<double>(given) / static_cast<double>(of_record);
      }
    });
  }

  MemoryOptions options_;
  std::uint64_t seed_;
  model_files::GenerationSettings settings_;
  std::vector<score::Template> templates_;
  std::optional<AnswerPlaces> places_;
};

}  // namespace

JobType memory_job() {
  return job_type<Memory, MemoryOptions>("memory", "how firmly a causal language model knows the answers to questions");
}

}  // namespace farpoint::jobs
