// SPDX-License-Identifier: Apache-2.0
// jobs/learning/learning_job.hpp: what 'contrast' and 'classify' do alike around their learner.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cross_validation.hpp"
#include "failed_records.hpp"

namespace farpoint::jobs {

/// A job that trains when it is prepared, and then has one number for each record of the pool. `Options` derive from
/// LearnerOptions and have the column's name in `as`.
template <typename Options>
class LearningJob : public pipeline::ShardJob {
 public:
  std::string as() const override { return options_.as; }
  std::vector<std::string> reads() const override { return learner_->reads(); }
  bool reads_text() const override { return learner_->reads_text(); }
  bool uses_seed() const override { return true; }
  std::vector<pipeline::ColumnSpec> writes() const override {
    return {{options_.as, pipeline::ColumnSpec::Kind::scalar}};
  }
  pipeline::Node options(bool results_only) const override {
    auto node = without_other_learner(pipeline::encode(options_, results_only), options_.learner);
    return results_only ? learner_->result_options(std::move(node)) : node;
  }
  std::string device() const override { return learner_->device(); }
  std::vector<std::filesystem::path> model_files() const override { return learner_->model_files(); }
  void check(std::uint64_t) const override { learner_->check(); }

  bool needs_preparation() const override { return true; }
  void work_in(const std::filesystem::path& folder) override {
    stage_ = folder;
    learner_->work_in(folder);
  }
  std::map<std::string, double> facts(const std::vector<store::Column>& prepared) const override {
    return facts_in(prepared);
  }
  void prefetch() const override { learner_->prefetch(); }
  void load(int node_rank) override { learner_->load(node_rank, between_batches()); }
  void unload() override { learner_->unload(); }

 protected:
  LearningJob(std::string job, Options options, const pipeline::Node& where, const pipeline::JobSetup& setup)
      : job_(std::move(job)), options_(std::move(options)), learner_(make_learner(job_, options_, where, setup)) {}

  /// What the learner and the facts have to be kept of a preparation. Drops the examples.
  std::vector<store::Column> finish(const std::map<std::string, double>& facts) {
    auto columns = learner_->finish();
    for (auto& column : fact_columns(facts)) columns.push_back(std::move(column));
    return columns;
  }

  pipeline::ShardResult result_of(const pipeline::Shard& shard, std::vector<double> values) const {
    pipeline::ShardResult result;
    failed_.add_numbers(job_ + " " + options_.as, shard, {options_.as, std::move(values)},
                        "no text, or no finite vector", result);
    return result;
  }

  std::string job_;
  Options options_;
  std::unique_ptr<Learner> learner_;
  FailedRecords failed_;
  std::filesystem::path stage_;
};

}  // namespace farpoint::jobs
