// SPDX-License-Identifier: Apache-2.0
// jobs/perplexity: how unlikely a causal language model finds each record's text.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "chosen_model.hpp"
#include "failed_records.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/log.hpp"
#include "jobs.hpp"
#include "measures.hpp"

namespace farpoint::jobs {

namespace {

using namespace pipeline;

class Perplexity final : public ShardJob {
 public:
  Perplexity(PerplexityOptions options, const Node& where, const JobSetup& setup)
      : options_(std::move(options)), model_(choose_model("perplexity", options_.model, where, setup)) {
    model_.execution.batch_tokens = resolve_batch_tokens("perplexity", options_.batch_tokens, where);
    check_together(options_, where);
    if (!model_.folder) return;
    check_causal("perplexity", *model_.folder, where);
    resolve(*model_.folder, where);
    if (options_.writing == Writing::chat) open_template(where);
  }

  std::string as() const override { return options_.as; }
  bool reads_text() const override { return true; }
  bool covers_curated() const override { return true; }
  std::vector<ColumnSpec> writes() const override {
    std::vector<ColumnSpec> columns;
    for (const auto& ending : column_endings(options_)) {
      columns.push_back({options_.as + ending, ColumnSpec::Kind::scalar, false, true, true});
    }
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
    const auto texts = scored_texts(shard, texts_for(options_, chat_ ? &*chat_ : nullptr));
    ShardResult result;
    result.columns = columns_of(options_, measure(options_, texts, *language_model_, result));
    tell_of_failures(shard, texts, result);
    return result;
  }

 private:
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

  void tell_of_failures(const Shard& shard, const ScoredTexts& texts, ShardResult& result) const {
    std::vector<std::uint32_t> failed;
    for (std::uint32_t i = 0; i < shard.ids().size(); ++i) {
      const auto has_none = [i](const store::Column& column) {
        return std::isnan(column.as<std::vector<double>>()[i]);
      };
      if (std::any_of(result.columns.begin(), result.columns.end(), has_none)) failed.push_back(i);
    }
    result.failed = failed.size();
    if (chat_) result.counters["refused_by_template"] = texts.refused.size();
    const auto refused = fmt::format("; the chat template refused {}: {}", texts.refused.size(), texts.refusal);
    failed_.tell("perplexity " + options_.as, shard, failed,
                 "no token to score, or no finite likelihood" + (texts.refused.empty() ? "" : refused));
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
