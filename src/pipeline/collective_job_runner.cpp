// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "farpoint/base/error.hpp"
#include "farpoint/base/log.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/objects.hpp"
#include "farpoint/pipeline/stage_record.hpp"
#include "job_runner.hpp"

namespace farpoint::pipeline {

namespace {

constexpr std::string_view fact_prefix = "fact.";

class Context final : public JobContext {
 public:
  Context(const JobEnvironment& environment, const PlannedJob& planned, Hash128 key, ProgressLine& progress)
      : environment_(environment), planned_(planned), key_(key), progress_(progress) {
    for (const auto& set : environment.data.sets) {
      for (std::size_t shard = 0; shard < set.shards(); ++shard) {
        tasks_.push_back({&set, shard, set.approximate_bytes(shard), tasks_.size(), 0, {}});
      }
    }
  }

  comm::Communicator& comm() override { return environment_.comm; }
  int node_rank() const override { return environment_.node_rank; }

  void for_each_shard(Population population, const std::function<void(const Shard&)>& visit) override {
    visit_tasks(population, [&](const ShardTask& task) {
      visit(*open_shard(environment_.data, planned_, population, task.shard));
    });
  }

  void for_every_shard(const std::function<void(const Shard&)>& visit) override {
    for (std::size_t shard = 0; shard < environment_.data.sets[0].shards(); ++shard) {
      visit(*open_shard(environment_.data, planned_, Population::pool, shard));
    }
  }

  std::vector<PastStage> past_stages() const override {
    std::vector<PastStage> stages;
    for (const auto stage : planned_.changed_by) {
      const auto& past = past_job(stage);
      stages.push_back({stage, past.folder(), past.name});
    }
    return stages;
  }

  void for_each_shard_before(const PastStage& stage,
                             const std::function<void(const Shard&, const ShardChanges&)>& visit) override {
    const auto& past = past_job(stage.stage);
    visit_tasks(Population::pool, [&](const ShardTask& task) {
      visit(*open_shard(environment_.data, past, Population::pool, task.shard),
            read_changes(environment_.data, past, task.shard));
    });
  }

  std::vector<std::string> source_names() const override {
    std::vector<std::string> names;
    for (const auto& file : environment_.data.set(Population::pool).files) {
      if (std::find(names.begin(), names.end(), file.source) == names.end()) names.push_back(file.source);
    }
    return names;
  }

  std::vector<ColumnSpec> columns() const override { return planned_.columns; }
  std::uint64_t pool_records() const override { return environment_.data.sets[0].records(); }
  const std::filesystem::path& run_folder() const override { return environment_.folder.path; }
  const Config& config() const override { return environment_.config; }
  const std::string& resolved_config() const override { return environment_.plan.resolved; }
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
  void visit_tasks(Population population, const std::function<void(const ShardTask&)>& visit) {
    bool left_early = false;
    for (const auto* task : tasks_of_rank(tasks_, environment_.comm.rank(), environment_.comm.size())) {
      if (task->set->population != population) continue;
      left_early = environment_.stops.requested();
      if (left_early) break;
      visit(*task);
    }
    environment_.stops.settle(left_early);
  }

  const PlannedJob& past_job(std::size_t stage) const {
    const auto* past = environment_.plan.find(stage);
    // Else its key says nothing of what that stage did.
    if (past == nullptr || !planned_.collective_job()->reads_history()) {
      throw Error(fmt::format("{} asks for stage {}, which it may not; this is a mistake in the job", planned_.folder(),
                              stage));
    }
    return *past;
  }

  const JobEnvironment& environment_;
  const PlannedJob& planned_;
  Hash128 key_;
  ProgressLine& progress_;
  std::vector<ShardTask> tasks_;
  std::vector<Reject> rejects_;
};

/// All ranks' rejects in order of id, on rank 0.
std::vector<store::Column> gather_rejects(comm::Communicator& comm, const std::vector<Reject>& mine) {
  std::vector<std::pair<std::uint64_t, std::string>> pairs;
  for (const auto& reject : mine) pairs.emplace_back(reject.id, reject.reason);
  std::vector<std::pair<std::uint64_t, std::string>> all;
  for (auto& list : comm::gather_objects(comm, pairs, 0)) all.insert(all.end(), list.begin(), list.end());
  std::sort(all.begin(), all.end());
  std::vector<std::uint64_t> ids;
  store::Strings reasons;
  for (const auto& [id, reason] : all) {
    ids.push_back(id);
    reasons.push_back(reason);
  }
  return {{"rejects/id", std::move(ids)}, {"rejects/reason", std::move(reasons)}};
}

/// What is kept of a finished job: its numbers, and hashes of the files that it left.
store::Attributes describe(const JobResult& result, const CollectiveJob& job, const RunFolder& folder,
                           const Hash128& key) {
  auto attributes =
      Tally{result.in, result.out, result.rejected, result.failed, result.units, result.counters}.to_attributes();
  attributes["key"] = key.hex();
  for (const auto& [name, value] : result.facts) attributes[std::string(fact_prefix) + name] = fmt::format("{}", value);
  for (const auto& name : job.outputs()) attributes[output_attribute(name)] = content_hash(folder.path / name);
  return attributes;
}

bool still_valid(const std::optional<store::Attributes>& attributes, const CollectiveJob& job, const RunFolder& folder,
                 const Hash128& key) {
  if (!attributes || !attributes->contains("key") || attributes->at("key") != key.hex()) return false;
  const auto outputs = job.outputs();
  return std::all_of(outputs.begin(), outputs.end(),
                     [&](const std::string& name) { return is_output_of(*attributes, folder, name); });
}

/// The numbers of a job that an earlier run finished, or nothing when it must be done again. The same on every rank.
std::optional<store::Attributes> finished_before(const JobEnvironment& environment, const CollectiveJob& job,
                                                 const std::filesystem::path& file, const Hash128& key) {
  store::Attributes attributes;
  if (environment.comm.rank() == 0) {
    const auto found = store::intact_shard(file);
    if (still_valid(found, job, environment.folder, key)) attributes = *found;
  }
  comm::broadcast_object(environment.comm, attributes, 0);
  if (attributes.empty()) return std::nullopt;
  return attributes;
}

void fill(JobSummary& summary, const store::Attributes& attributes) {
  summary.tally = Tally::from_attributes(attributes);
  for (const auto& [name, value] : attributes) {
    if (name.starts_with(fact_prefix)) summary.facts[name.substr(fact_prefix.size())] = std::stod(value);
  }
}

}  // namespace

JobOutcome run_collective_job(const JobEnvironment& environment, const PlannedJob& planned) {
  auto& job = dynamic_cast<CollectiveJob&>(*planned.job);
  auto& comm = environment.comm;
  const auto key = environment.data.stages[planned.stage].key;
  const auto done_file = record_of_stage(environment.data.stages[planned.stage].folder);
  ProgressLine progress(comm, planned.name, 0, job.unit());
  JobOutcome outcome;
  auto& summary = outcome.summary;
  summary.job = planned.name;
  summary.as = job.as();
  summary.unit = job.unit();
  if (const auto before = finished_before(environment, job, done_file, key)) {
    fill(summary, *before);
    summary.resumed_shards = environment.data.sets[0].shards();
  } else {
    Context context(environment, planned, key, progress);
    const auto result = job.run(context);
    const auto rejects = gather_rejects(comm, context.rejects());
    if (comm.rank() == 0) {
      const auto attributes = describe(result, job, environment.folder, key);
      store::write_shard(done_file, attributes, rejects);
      fill(summary, attributes);
    }
    if (result.work_seconds > 0) summary.rate = static_cast<double>(result.units) / result.work_seconds;
  }
  summary.seconds = progress.seconds();
  if (summary.tally.rejected > 0) outcome.reject_files.emplace_back(std::uint8_t{0}, done_file.string());
  progress.finish(fmt::format("{} of {} records, {}", format_count(summary.tally.out), format_count(summary.tally.in),
                              format_duration(summary.seconds)));
  return outcome;
}

}  // namespace farpoint::pipeline
