// SPDX-License-Identifier: Apache-2.0
// jobs/contrast.cpp: how much each record looks like the curated ones rather than like the pool.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "failed_records.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/learn/folds.hpp"
#include "jobs.hpp"
#include "learning/cross_validation.hpp"

namespace farpoint::jobs {

namespace {

using namespace pipeline;

/// Random numbers of the samples that are no fold's.
constexpr std::uint64_t curated_stream = 1U << 16;

struct ContrastOptions : LearnerOptions {
  std::string as = "contrast";
  double ratio = 1;

  static Fields<ContrastOptions> fields() {
    using C = ContrastOptions;
    Fields<C> fields{
        option("as", &C::as, "name of the column"),
        option("ratio", &C::ratio,
               "how many records of the pool a model learns from for each curated one, drawn anew for each fold"),
    };
    add_learner_fields(fields);
    return fields;
  }
};

class Contrast final : public ShardJob {
 public:
  Contrast(ContrastOptions options, const Node& where, const JobSetup& setup)
      : options_(std::move(options)), learner_(make_learner("contrast", options_, where, setup)) {
    if (!(options_.ratio > 0) || options_.ratio > 1e6) {
      throw ConfigError(where.place_of("ratio"),
                        fmt::format("'contrast.ratio' must be above 0 and at most 1e6, not {}", options_.ratio));
    }
    for (const auto& column : setup.columns) {
      if (setup.finished != nullptr || column.name != options_.vectors || column.in_curated ||
          setup.config->corpus.curated.empty()) {
        continue;
      }
      throw ConfigError(where.place_of("vectors"),
                        fmt::format("'contrast': the column '{}' exists only for the pool; use an 'embed' where the "
                                    "curated records are texts, or curated vectors with 'as: {}'",
                                    column.name, column.name));
    }
  }

  std::string as() const override { return options_.as; }
  std::vector<std::string> reads() const override { return learner_->reads(); }
  bool reads_text() const override { return learner_->reads_text(); }
  bool uses_curated() const override { return true; }
  bool uses_seed() const override { return true; }
  std::vector<ColumnSpec> writes() const override { return {{options_.as, ColumnSpec::Kind::scalar}}; }
  Node options(bool results_only) const override {
    auto node = without_other_learner(encode(options_, results_only), options_.learner);
    return results_only ? learner_->result_options(std::move(node)) : node;
  }
  std::string device() const override { return learner_->device(); }
  std::vector<std::filesystem::path> model_files() const override { return learner_->model_files(); }
  void check(std::uint64_t) const override { learner_->check(); }

  bool needs_preparation() const override { return true; }
  void work_in(const std::filesystem::path& folder) override { learner_->work_in(folder); }
  void prefetch() const override { learner_->prefetch(); }

  std::vector<store::Column> prepare(PoolPass& pass) override {
    learner_->begin(pass);
    Training training{{}, goal_, options_};
    const double share = take_curated(pass, training);
    auto facts = training.cross_validate(*learner_, pass, [&](const Example& example, std::uint64_t fold) {
      return example.population == Population::curated || is_drawn(pass, fold, example.id, share);
    });
    facts["pool_share"] = share;
    auto columns = learner_->finish();
    for (auto& column : fact_columns(facts)) columns.push_back(std::move(column));
    seed_ = pass.seed();
    columns.push_back({"seed", std::vector<std::uint64_t>{pass.seed()}});
    return columns;
  }

  void use(const std::vector<store::Column>& prepared) override {
    learner_->use(prepared);
    for (const auto& column : prepared) {
      if (column.name == "seed") seed_ = column.as<std::vector<std::uint64_t>>().front();
    }
  }
  std::map<std::string, double> facts(const std::vector<store::Column>& prepared) const override {
    return facts_in(prepared);
  }
  void load(int node_rank) override { learner_->load(node_rank); }
  void unload() override { learner_->unload(); }

  ShardResult process(const Shard& shard) const override {
    std::vector<std::uint32_t> models;
    for (const auto id : shard.ids()) {
      models.push_back(
          static_cast<std::uint32_t>(learn::fold_of(seed_, index_of(Population::pool), id, options_.folds)));
    }
    auto probabilities = learner_->predict(shard, models, goal_);
    std::vector<std::uint32_t> failed;
    for (std::size_t i = 0; i < probabilities.size(); ++i) {
      if (std::isnan(probabilities[i])) failed.push_back(static_cast<std::uint32_t>(i));
    }
    failed_.tell("contrast " + options_.as, shard, failed, "no text, or no finite vector");
    ShardResult result;
    result.columns.push_back({options_.as, std::move(probabilities)});
    result.failed = failed.size();
    return result;
  }

 private:
  /// A fold's own random part of the pool; not what it is held out from, which is another matter.
  static bool is_drawn(PoolPass& pass, std::uint64_t fold, std::uint64_t id, double share) {
    return learn::is_sampled(pass.seed(), fold, index_of(Population::pool), id, share);
  }

  static std::uint64_t count(PoolPass& pass, Population population) {
    std::uint64_t records = 0;
    pass.for_each_shard(population, [&](const Shard& shard) { records += shard.ids().size(); });
    pass.sum(std::span(&records, 1));
    return records;
  }

  /// Gives the learner the curated records, and those of the pool that any fold draws. Returns the share of the pool
  /// that each fold draws.
  double take_curated(PoolPass& pass, Training& training) const {
    const auto curated = static_cast<double>(count(pass, Population::curated));
    const auto pool = static_cast<double>(count(pass, Population::pool));
    const double curated_share = std::min(1.0, static_cast<double>(options_.max_examples) / std::max(curated, 1.0));
    const double share = std::min(1.0, options_.ratio * curated_share * curated / std::max(pool, 1.0));
    const auto seed = pass.seed();
    std::array<std::uint64_t, 2> taken{};
    pass.for_each_shard(Population::curated, [&](const Shard& shard) {
      taken[1] += take(shard, 1, training, seed, [&](std::uint64_t id) {
        return learn::is_sampled(seed, curated_stream, index_of(Population::curated), id, curated_share);
      });
    });
    pass.for_each_shard(Population::pool, [&](const Shard& shard) {
      taken[0] += take(shard, 0, training, seed, [&](std::uint64_t id) {
        for (std::uint64_t fold = 0; fold < options_.folds; ++fold) {
          if (is_drawn(pass, fold, id, share)) return true;
        }
        return false;
      });
    });
    pass.sum(taken);
    if (taken[0] < options_.folds || taken[1] < options_.folds) {
      throw comm::AgreedError(
          fmt::format("contrast {}: {} of the curated records and {} of the pool can be learnt from, but {} folds need "
                      "{} of each; mend corpus.curated (rejects.jsonl lists its faulty records), or lower 'folds'",
                      options_.as, taken[1], taken[0], options_.folds, options_.folds));
    }
    return share;
  }

  std::uint64_t take(const Shard& shard, double target, Training& training, std::uint64_t seed,
                     const std::function<bool(std::uint64_t)>& is_wanted) const {
    std::vector<std::size_t> rows;
    for (std::size_t row = 0; row < shard.ids().size(); ++row) {
      if (is_wanted(shard.ids()[row])) rows.push_back(row);
    }
    const std::vector<double> targets(rows.size(), target);
    return take_examples(*learner_, shard, rows, targets, seed, options_.folds, training.examples);
  }

  ContrastOptions options_;
  Goal goal_{learn::Task::binary, {"pool", "curated"}};
  std::unique_ptr<Learner> learner_;
  FailedRecords failed_;
  std::uint64_t seed_ = 0;
};

}  // namespace

JobType contrast_job() {
  return job_type<Contrast, ContrastOptions>(
      "contrast",
      "how much each record looks like the curated ones rather than like the pool: the probability from a classifier "
      "that has not seen it (docs/classifiers.md)");
}

}  // namespace farpoint::jobs
