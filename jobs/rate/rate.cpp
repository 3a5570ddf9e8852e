// SPDX-License-Identifier: Apache-2.0
// jobs/rate/rate.cpp: ratings that a model gives to each record.
#include <fmt/format.h>

#include <cmath>

#include "chosen_model.hpp"
#include "failed_records.hpp"
#include "farpoint/base/log.hpp"
#include "jobs.hpp"
#include "rater.hpp"

namespace farpoint::jobs {

namespace {

using namespace pipeline;

class Rate final : public ShardJob {
 public:
  Rate(RateOptions options, const Node& where, const JobSetup& setup)
      : options_(std::move(options)), model_(choose_model("rate", options_.model, where, setup)) {
    model_.execution.batch_tokens = resolve_batch_tokens("rate", options_.batch_tokens, where);
    if (!model_.folder) return;
    rater_ = make_rater(model_, options_, where);
  }

  std::string as() const override { return options_.as; }
  bool reads_text() const override { return true; }
  bool covers_curated() const override { return true; }
  std::vector<ColumnSpec> writes() const override {
    return {{options_.as, ColumnSpec::Kind::scalar, false, true, true}};
  }
  Node options(bool results_only) const override {
    const auto node = encode(options_, results_only);
    return results_only ? model_.result_options(node) : node;
  }
  std::string unit() const override { return "tokens"; }
  std::string device() const override { return model_.device(); }
  std::vector<std::filesystem::path> model_files() const override { return model_.files(); }
  void check(std::uint64_t) const override { models::describe(model_.execution); }

  void prefetch() const override { model_.prefetch(); }
  void load(int node_rank) override {
    auto execution = model_.execution;
    execution.node_rank = node_rank;
    rater_->load(execution);
    log::info("rate {}: {} loaded on {}", options_.as, model_.path.string(), models::describe(execution));
  }
  void unload() override { rater_->unload(); }

  ShardResult process(const Shard& shard) const override {
    ShardResult result;
    auto ratings = rater_->rate(shard, result);
    std::vector<std::uint32_t> failed;
    for (std::size_t i = 0; i < ratings.size(); ++i) {
      if (std::isnan(ratings[i])) failed.push_back(static_cast<std::uint32_t>(i));
    }
    result.failed = failed.size();
    failed_.tell("rate " + options_.as, shard, failed, rater_->reason(result));
    result.columns.push_back({options_.as, std::move(ratings)});
    return result;
  }

 private:
  RateOptions options_;
  ChosenModel model_;
  FailedRecords failed_;
  std::unique_ptr<Rater> rater_;
};

}  // namespace

JobType rate_job() {
  return job_type<Rate, RateOptions>(
      "rate", "ratings that a model gives to each record: a causal model that is asked for them, or a classifier");
}

}  // namespace farpoint::jobs
