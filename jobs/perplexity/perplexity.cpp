// SPDX-License-Identifier: Apache-2.0
// jobs/perplexity: how unlikely a causal language model finds each record's text.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "farpoint/base/error.hpp"
#include "farpoint/base/log.hpp"
#include "jobs.hpp"
#include "measures.hpp"
#include "model_job.hpp"

namespace farpoint::jobs {

namespace {

using namespace pipeline;
using corpus::TextView;

class Perplexity final : public LanguageModelJob {
 public:
  Perplexity(PerplexityOptions options, const Node& where, const JobSetup& setup)
      : LanguageModelJob("perplexity", options.model, options.batch_tokens, where, setup),
        options_(std::move(options)) {
    check_together(options_, where);
    if (!model_.folder) return;
    check_causal("perplexity", *model_.folder, where);
    resolve(*model_.folder, where);
    if (options_.writing == Writing::chat) open_template(where);
  }

  std::string as() const override { return options_.as; }
  std::vector<ColumnSpec> writes() const override { return number_columns(options_.as, column_endings(options_)); }
  Node options(bool results_only) const override { return resolved(encode(options_, results_only), results_only); }
  std::vector<std::filesystem::path> model_files() const override {
    auto files = model_.files();
    std::error_code ignored;
    if (chat_ && std::filesystem::exists(model_.path / "chat_template.jinja", ignored)) {
      files.push_back(model_.path / "chat_template.jinja");
    }
    return files;
  }

  double cost(double bytes) const override { return cost_in_windows(bytes, *options_.max_tokens, false); }
  void load(int node_rank) override {
    load_language_model(node_rank, *options_.max_tokens, options_.stride);
    if (chat_ && chat_->uses_time()) {
      log::warning("{}: writes today's date, so perplexities of another day may differ", chat_->origin());
    }
  }

  ShardResult process(const Shard& shard) const override {
    const auto texts = scored_texts(shard, texts_for(options_, chat_ ? &*chat_ : nullptr));
    ShardResult result;
    result.columns = columns_of(options_, measure(options_, texts, *language_model_, result));
    tell_of_failures(shard, texts, result);
    return result;
  }

 private:
  /// Without windows: long texts cost more, as what two windows share is computed twice.
  ModelTexts sampled_texts(const Workload& work) const override {
    const auto choice = texts_for(options_, nullptr);
    ModelTexts texts{{}, 0, {}, true};
    const auto add = [&](bool is_asked_for, const auto& text_of) {
      if (!is_asked_for) return;
      texts.passes += 1;
      for (const auto& record : work.sample) texts.sample.push_back(text_of(record));
    };
    // What has no response has nothing to be scored but the whole text.
    const auto with_response = [](corpus::TextView view) {
      return [view](const corpus::Record& record) {
        return corpus::view(record, TextView::response).empty() ? std::string() : corpus::view(record, view);
      };
    };
    add(choice.whole, [&](const corpus::Record& record) { return corpus::view(record, choice.view); });
    add(options_.condition || options_.ifd, with_response(TextView::full));
    add(options_.ifd, with_response(TextView::response));
    add(choice.prompts, with_response(TextView::full));
    add(choice.prompts, [](const corpus::Record& record) { return corpus::view(record, TextView::prompt); });
    return texts;
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
  std::optional<tokenizer::ChatTemplate> chat_;
};

}  // namespace

JobType perplexity_job() {
  return job_type<Perplexity, PerplexityOptions>("perplexity",
                                                 "how unlikely a causal language model finds each record's text");
}

}  // namespace farpoint::jobs
