// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "farpoint/pipeline/progress.hpp"
#include "job_runner.hpp"

namespace farpoint::pipeline {

/// What a collective job sees of the run: the files of the stages before it.
class CollectiveContext final : public JobContext {
 public:
  /// `key`: of the job's result. All must outlive it.
  CollectiveContext(const JobEnvironment& environment, const PlannedJob& planned, Hash128 key, ProgressLine& progress);

  comm::Communicator& comm() override { return environment_.comm; }
  int node_rank() const override { return environment_.node_rank; }
  void for_each_shard(Population population, const std::function<void(const Shard&)>& visit) override;
  void for_every_shard(const std::function<void(const Shard&)>& visit) override;
  std::vector<PastStage> past_stages() const override;
  void for_each_shard_before(const PastStage& stage,
                             const std::function<void(const Shard&, const ShardChanges&)>& visit) override;
  std::vector<std::string> source_names() const override;
  std::vector<ColumnSpec> columns() const override { return planned_.columns; }
  std::uint64_t pool_records() const override { return environment_.summary.pool_records; }
  const std::filesystem::path& run_folder() const override { return environment_.folder.path; }
  const Config& config() const override { return environment_.config; }
  const std::string& resolved_config() const override { return environment_.plan.resolved; }
  const RunSummary& summary() const override { return environment_.summary; }
  std::string fingerprint() const override { return key_.hex(); }
  const std::filesystem::path& stage_folder() const override { return environment_.data.stages[planned_.stage].folder; }
  std::string pool_hash() const override { return environment_.data.pool_hash().hex(); }
  void reject(std::span<const Reject> rejects) override {
    rejects_.insert(rejects_.end(), rejects.begin(), rejects.end());
  }
  void progress(std::uint64_t done, std::uint64_t total) override { progress_.show(done, total); }
  StopPoints& stops() override { return environment_.stops; }

  const std::vector<Reject>& rejects() const { return rejects_; }

 private:
  void visit_tasks(Population population, const std::function<void(const ShardTask&)>& visit);
  const PlannedJob& past_job(std::size_t stage) const;

  const JobEnvironment& environment_;
  const PlannedJob& planned_;
  Hash128 key_;
  ProgressLine& progress_;
  std::vector<ShardTask> tasks_;
  std::vector<Reject> rejects_;
};

}  // namespace farpoint::pipeline
