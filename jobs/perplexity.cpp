// SPDX-License-Identifier: Apache-2.0
// jobs/perplexity.cpp: how unlikely a causal language model finds each record's text.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <optional>

#include "chosen_model.hpp"
#include "failed_records.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/log.hpp"
#include "farpoint/score/perplexity.hpp"
#include "jobs.hpp"
#include "scored_texts.hpp"

namespace farpoint::jobs {

enum class Condition { prompt };
enum class Writing { plain, chat };

}  // namespace farpoint::jobs

namespace farpoint::pipeline {

template <>
struct Names<jobs::Condition> {
  static constexpr std::array<std::string_view, 1> values{"prompt"};
};
template <>
struct Names<jobs::Writing> {
  static constexpr std::array<std::string_view, 2> values{"plain", "chat"};
};

}  // namespace farpoint::pipeline

namespace farpoint::jobs {

namespace {

using namespace pipeline;
using corpus::TextView;

struct PerplexityOptions {
  std::string model;
  std::string as = "ppl";
  TextView text = TextView::full;
  std::optional<Condition> condition;
  bool ifd = false;
  Writing writing = Writing::plain;
  std::optional<std::uint64_t> max_tokens;
  std::optional<std::uint64_t> stride;
  std::optional<std::uint64_t> batch_tokens;

  static Fields<PerplexityOptions> fields() {
    using P = PerplexityOptions;
    return {
        option("model", &P::model, "a causal language model, by its name under `models`").need(),
        option("as", &P::as, "name of the column; NAME.tokens has the number of scored tokens beside it"),
        option("text", &P::text, "which view of the record is scored"),
        option("condition", &P::condition, "prompt: score the response, given the prompt; unset: the text by itself"),
        option("ifd", &P::ifd,
               "also write NAME.ifd: the perplexity of the response given the prompt over that of the response alone"),
        option("template", &P::writing, "chat: the texts are written by the model's chat template"),
        option("max_tokens", &P::max_tokens, "tokens that the model sees at once; unset: as the folder says"),
        option("stride", &P::stride,
               "longer texts are read in windows, each so many tokens behind the last; unset: half a window"),
        option("batch_tokens", &P::batch_tokens,
               "tokens that go through the model at once; unset: what suits the device. Changes rounding"),
    };
  }
};

/// One entry a record, where it was asked for.
struct Scores {
  std::vector<score::Perplexity> whole;
  std::vector<score::Perplexity> after_prompt;
  std::vector<score::Perplexity> alone;
};

class Perplexity final : public ShardJob {
 public:
  Perplexity(PerplexityOptions options, const Node& where, const JobSetup& setup)
      : options_(std::move(options)), model_(choose_model("perplexity", options_.model, where, setup)) {
    model_.execution.batch_tokens = resolve_batch_tokens("perplexity", options_.batch_tokens, where);
    check_text(where);
    if (!model_.folder) return;
    check_causal("perplexity", *model_.folder, where);
    resolve(*model_.folder, where);
    if (options_.writing == Writing::chat) open_template(where);
  }

  std::string as() const override { return options_.as; }
  bool reads_text() const override { return true; }
  bool covers_curated() const override { return true; }
  std::vector<ColumnSpec> writes() const override {
    std::vector<ColumnSpec> columns{column(""), column(".tokens")};
    if (options_.ifd) columns.push_back(column(".ifd"));
    return columns;
  }
  Node options(bool results_only) const override {
    const auto node = encode(options_, results_only);
    return results_only ? model_.result_options(node) : node;
  }
  std::string unit() const override { return "tokens"; }
  std::string device() const override { return model_.device(); }
  std::vector<std::filesystem::path> model_files() const override {
    auto files = model_.files();
    std::error_code ignored;
    if (chat_ && std::filesystem::exists(model_.path / "chat_template.jinja", ignored)) {
      files.push_back(model_.path / "chat_template.jinja");
    }
    return files;
  }
  void check(std::uint64_t) const override { models::describe(model_.execution); }

  void prefetch() const override { model_.prefetch(); }
  void load(int node_rank) override {
    models::LanguageModelOptions options;
    options.max_tokens = static_cast<std::int64_t>(*options_.max_tokens);
    options.stride = static_cast<std::int64_t>(*options_.stride);
    options.execution = model_.execution;
    options.execution.node_rank = node_rank;
    language_model_.emplace(model_.path, options);
    log::info("perplexity {}: {} loaded on {}", options_.as, model_.path.string(), models::describe(options.execution));
    if (chat_ && chat_->uses_time()) {
      log::warning("{}: writes today's date, so perplexities of another day may differ", chat_->origin());
    }
  }
  void unload() override { language_model_.reset(); }

  ShardResult process(const Shard& shard) const override {
    const bool conditioned = options_.condition.has_value();
    const TextChoice choice{!conditioned, conditioned || options_.ifd, options_.text, chat_ ? &*chat_ : nullptr};
    const auto texts = scored_texts(shard, choice);
    ShardResult result;
    const auto scores = score_all(texts, choice, result);
    add_columns(conditioned ? scores.after_prompt : scores.whole, scores, result);
    tell_of_failures(shard, texts, result);
    return result;
  }

 private:
  ColumnSpec column(const std::string& ending) const {
    return {options_.as + ending, ColumnSpec::Kind::scalar, false, true, true};
  }

  void check_text(const Node& where) const {
    const bool of_response = options_.text == TextView::full || options_.text == TextView::response;
    if (options_.condition && !of_response) {
      throw ConfigError(where.place_of("text"),
                        "'perplexity.text': with 'condition: prompt' it is the response that is scored; leave out the "
                        "key 'text'");
    }
    if (options_.writing == Writing::chat && !options_.condition && options_.text != TextView::full) {
      throw ConfigError(where.place_of("text"),
                        "'perplexity.text': with 'template: chat' it is the whole conversation that is scored; leave "
                        "out the key 'text', or give 'condition: prompt'");
    }
  }

  /// Writes out what is left to the folder, so that the run's configuration says what was done.
  void resolve(const model_files::ModelFolder& folder, const Node& where) {
    // A token and one before it.
    options_.max_tokens = resolve_max_tokens("perplexity", options_.max_tokens, 2, folder, where);
    const auto size = *options_.max_tokens;
    if (!options_.stride) options_.stride = std::max<std::uint64_t>(size / 2, 1);
    check_bounds(where.place_of("stride"), "perplexity.stride", *options_.stride, 1, size - 1);
  }

  void open_template(const Node& where) {
    try {
      chat_.emplace(model_.path);
    } catch (const Error& error) {
      throw ConfigError(where.place_of("template"), fmt::format("'perplexity.template': {}", error.what()));
    }
  }

  Scores score_all(const ScoredTexts& texts, const TextChoice& choice, ShardResult& result) const {
    const auto& tokenizer = language_model_->tokenizer();
    // A chat template writes the special tokens itself.
    const bool special_tokens = !chat_;
    Scores scores;
    if (choice.whole) {
      scores.whole = measure(score::whole_texts(tokenizer, views(texts.whole), special_tokens), result);
    }
    if (choice.responses) {
      scores.after_prompt = measure(
          score::responses_after(tokenizer, views(texts.contexts), views(texts.responses), special_tokens), result);
    }
    // By itself, the response is a text as any other.
    if (options_.ifd) scores.alone = measure(score::whole_texts(tokenizer, views(texts.responses)), result);
    return scores;
  }

  std::vector<score::Perplexity> measure(const score::Sequences& sequences, ShardResult& result) const {
    result.units += sequences.ids.size();
    for (std::size_t i = 0; i < sequences.size(); ++i) {
      result.counters["windowed"] += sequences[i].ids.size() > *options_.max_tokens ? 1 : 0;
    }
    if (sequences.texts_with_bad_utf8 > 0) result.counters["bad_utf8"] += sequences.texts_with_bad_utf8;
    return score::perplexities(*language_model_, sequences);
  }

  void add_columns(const std::vector<score::Perplexity>& main, const Scores& scores, ShardResult& result) const {
    std::vector<double> values;
    std::vector<double> tokens;
    std::vector<double> difficulties;
    for (std::size_t i = 0; i < main.size(); ++i) {
      values.push_back(main[i].value);
      tokens.push_back(static_cast<double>(main[i].tokens));
      if (options_.ifd) difficulties.push_back(score::following_difficulty(scores.after_prompt[i], scores.alone[i]));
    }
    result.columns.push_back({options_.as, std::move(values)});
    result.columns.push_back({options_.as + ".tokens", std::move(tokens)});
    if (options_.ifd) result.columns.push_back({options_.as + ".ifd", std::move(difficulties)});
  }

  void tell_of_failures(const Shard& shard, const ScoredTexts& texts, ShardResult& result) const {
    std::vector<std::uint32_t> failed;
    const auto& values = result.columns.front().as<std::vector<double>>();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const bool without_ifd = options_.ifd && std::isnan(result.columns.back().as<std::vector<double>>()[i]);
      if (std::isnan(values[i]) || without_ifd) failed.push_back(static_cast<std::uint32_t>(i));
    }
    result.failed = failed.size();
    if (chat_) result.counters["refused_by_template"] = texts.refused.size();
    const auto refused = fmt::format("; the chat template refused {}: {}", texts.refused.size(), texts.refusal);
    failed_.tell("perplexity " + options_.as, shard, failed,
                 "no token to score, or no finite likelihood" + (texts.refused.empty() ? "" : refused));
  }

  static std::vector<std::string_view> views(const store::Strings& texts) {
    std::vector<std::string_view> views;
    for (std::size_t i = 0; i < texts.size(); ++i) views.push_back(texts[i]);
    return views;
  }

  PerplexityOptions options_;
  ChosenModel model_;
  FailedRecords failed_;
  std::optional<tokenizer::ChatTemplate> chat_;
  std::optional<models::LanguageModel> language_model_;
};

}  // namespace

JobType perplexity_job() {
  return job_type<Perplexity, PerplexityOptions>("perplexity",
                                                 "how unlikely a causal language model finds each record's text");
}

}  // namespace farpoint::jobs
