// SPDX-License-Identifier: Apache-2.0
// jobs/contrast.cpp: how much each record looks like the curated ones rather than like the pool.
#include <fmt/format.h>

#include <algorithm>

#include "farpoint/comm/run.hpp"
#include "farpoint/learn/folds.hpp"
#include "jobs.hpp"
#include "learning/learning_job.hpp"

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

class Contrast final : public LearningJob<ContrastOptions> {
 public:
  Contrast(ContrastOptions options, const Node& where, const JobSetup& setup)
      : LearningJob("contrast", std::move(options), where, setup) {
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

  bool uses_curated() const override { return true; }

  std::vector<store::Column> prepare(PoolPass& pass) override {
    learner_->begin(pass);
    Training training{{}, goal_, static_cast<const LearnerOptions&>(options_)};
    const double share = take_curated(pass, training);
    auto facts = training.cross_validate(*learner_, pass, [&](const Example& example, std::uint64_t fold) {
      return example.population == Population::curated || is_drawn(pass, fold, example.id, share);
    });
    facts["pool_share"] = share;
    auto columns = finish(facts);
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
  ShardResult process(const Shard& shard) const override {
    std::vector<std::uint32_t> models;
    for (const auto id : shard.ids()) {
      models.push_back(
          static_cast<std::uint32_t>(learn::fold_of(seed_, index_of(Population::pool), id, options_.folds)));
    }
    return result_of(shard, learner_->predict(shard, models, goal_));
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

  Goal goal_{learn::Task::binary, {"pool", "curated"}};
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
