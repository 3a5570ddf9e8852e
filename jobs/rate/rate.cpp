// SPDX-License-Identifier: Apache-2.0
// jobs/rate: how good or how difficult a model finds each record.
#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "failed_records.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/log.hpp"
#include "jobs.hpp"
#include "judge.hpp"

namespace farpoint::jobs {

namespace {

using namespace pipeline;

class Rate final : public ShardJob {
 public:
  Rate(RateOptions options, const Node& where, const JobSetup& setup) : options_(std::move(options)) {
    models_.push_back(choose_model("rate", options_.model, where, setup));
    const auto batch_tokens = resolve_batch_tokens("rate", options_.batch_tokens, where);
    if (models_[0].folder) resolve(where, setup);
    for (auto& model : models_) model.execution.batch_tokens = batch_tokens;
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
    auto node = encode(options_, results_only);
    if (!results_only) return node;
    node = models_[0].result_options(node);
    std::erase_if(node.entries, [](const auto& entry) { return entry.key == "quality_model"; });
    if (models_.size() > 1) node.set("quality_precision", Codec<Precision>::encode(models_[1].execution.precision));
    return node;
  }
  std::string unit() const override { return "tokens"; }
  std::string device() const override { return models_[0].device(); }
  std::vector<std::filesystem::path> model_files() const override {
    std::vector<std::filesystem::path> files;
    for (const auto& model : models_) {
      const auto of_model = model.files();
      files.insert(files.end(), of_model.begin(), of_model.end());
    }
    std::error_code ignored;
    const auto template_file = models_[0].path / "chat_template.jinja";
    if (chat_ && std::filesystem::exists(template_file, ignored)) files.push_back(template_file);
    return files;
  }
  void check(std::uint64_t) const override { models::describe(models_[0].execution); }

  void prefetch() const override {
    for (const auto& model : models_) model.prefetch();
  }
  void load(int node_rank) override {
    for (auto& model : models_) model.execution = model.execution_on(node_rank, between_batches());
    judge_ = kind_ == JudgeKind::rater ? make_rater(options_, models_)
                                       : make_classifier(options_, kind_, models_[0], chat_ ? &*chat_ : nullptr);
    for (const auto& model : models_) {
      log::info("rate {}: {} loaded on {}", options_.as, model.path.string(), models::describe(model.execution));
    }
    if (chat_ && chat_->uses_time()) {
      log::warning("{}: writes today's date, so ratings of another day may differ", chat_->origin());
    }
  }
  void unload() override { judge_.reset(); }

  ShardResult process(const Shard& shard) const override {
    ShardResult result;
    auto values = judge_->rate(shard, result);
    std::vector<std::uint32_t> failed;
    for (std::uint32_t i = 0; i < shard.ids().size(); ++i) {
      if (std::isnan(values[0][i])) failed.push_back(i);
    }
    result.failed = failed.size();
    failed_.tell("rate " + options_.as, shard, failed, why(result));
    const auto endings = column_endings(options_);
    for (std::size_t c = 0; c < endings.size(); ++c) {
      result.columns.push_back({options_.as + endings[c], std::move(values[c])});
    }
    return result;
  }

 private:
  void resolve(const Node& where, const JobSetup& setup) {
    const auto& folder = *models_[0].folder;
    kind_ = judge_kind(folder, "model", where);
    resolve_options(options_, kind_, folder, where);
    if (options_.is_evol()) add_quality_model(where, setup);
    const auto wanted = options_.max_tokens;
    for (const auto& model : models_) {
      const auto most = resolve_max_tokens("rate", wanted, kind_ == JudgeKind::rater ? 2 : 1, *model.folder, where);
      options_.max_tokens = options_.max_tokens ? std::min(*options_.max_tokens, most) : most;
    }
    if (kind_ == JudgeKind::rater) check_prompts(where);
    if (options_.uses_chat()) open_template(where);
  }

  void add_quality_model(const Node& where, const JobSetup& setup) {
    models_.push_back(choose_model("rate", *options_.quality_model, where, setup, "quality_model"));
    const auto& folder = *models_[1].folder;
    if (judge_kind(folder, "quality_model", where) == JudgeKind::rater) return;
    throw ConfigError(where.place_of("quality_model"),
                      fmt::format("'rate.quality_model': {} holds a classifier, which cannot be asked for a rating; "
                                  "name a causal language model",
                                  folder.path.string()));
  }

  /// That prompts and ratings can be written, before any work.
  void check_prompts(const Node& where) const {
    try {
      rating_prompts(options_);
    } catch (const UsageError& error) {
      throw ConfigError(where.place_of("template"), fmt::format("'rate.template': {}", error.what()));
    }
    try {
      for (const auto& model : models_) {
        score::rating_scale(tokenizer::Tokenizer(model.folder->tokenizer), options_.scale, options_.values);
      }
    } catch (const UsageError& error) {
      throw ConfigError(where.place_of("scale"), fmt::format("'rate.scale': {}", error.what()));
    }
  }

  void open_template(const Node& where) {
    try {
      chat_.emplace(models_[0].path);
    } catch (const Error& error) {
      throw ConfigError(where.place_of("template"), fmt::format("'rate.template': {}", error.what()));
    }
  }

  static std::string why(const ShardResult& result) {
    const auto count = [&](const char* name) {
      const auto found = result.counters.find(name);
      return found == result.counters.end() ? 0 : found->second;
    };
    return fmt::format("{} have nothing to rate, {} are too long", count("nothing_to_rate"), count("too_long"));
  }

  RateOptions options_;
  std::vector<ChosenModel> models_;  // of evol the second one rates the quality
  JudgeKind kind_ = JudgeKind::rater;
  std::optional<tokenizer::ChatTemplate> chat_;
  FailedRecords failed_;
  std::unique_ptr<Judge> judge_;
};

}  // namespace

JobType rate_job() {
  return job_type<Rate, RateOptions>("rate", "how good or how difficult a model finds each record");
}

}  // namespace farpoint::jobs
