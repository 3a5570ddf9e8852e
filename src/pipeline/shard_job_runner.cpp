// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "farpoint/base/error.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/corpus/file_index.hpp"
#include "job_runner.hpp"

namespace farpoint::pipeline {

namespace {

const ShardJob* as_shard_job(const PlannedJob& planned) {
  return dynamic_cast<const ShardJob*>(planned.job.get());
}

bool covers(const PlannedJob& planned, const Data& data, Population population) {
  if (population == Population::pool) return true;
  const auto& specs = data.specs[static_cast<std::size_t>(population)];
  const auto* job = as_shard_job(planned);
  if (job == nullptr || !job->covers_curated() || specs.empty()) return false;
  return !job->reads_text() || specs.front().as.empty();
}

/// The stages that a job's shard of this population depends on.
std::vector<std::size_t> inputs(const PlannedJob& planned, Population population) {
  std::vector<std::size_t> stages{ids_stage(planned, population)};
  if (planned.job->reads_text()) stages.push_back(ingest_stage);
  const auto& columns = planned.column_from[static_cast<std::size_t>(population)];
  for (const auto& name : planned.job->reads()) {
    if (const auto column = columns.find(name); column != columns.end()) stages.push_back(column->second);
  }
  return stages;
}

Hash128 shard_key(const Hash128& job, const PlannedJob& planned, const Data& data, Population population,
                  std::size_t shard) {
  Hasher hasher;
  hasher.add(job);
  for (const auto stage : inputs(planned, population)) {
    hasher.add(data.stages[stage].keys[static_cast<std::size_t>(population)].at(shard));
  }
  return hasher.digest();
}

std::vector<ShardTask> make_tasks(const PlannedJob& planned, const Data& data) {
  std::vector<ShardTask> tasks;
  for (const auto& set : data.sets) {
    const auto& keys = data.stages[planned.stage].keys[static_cast<std::size_t>(set.population)];
    for (std::size_t shard = 0; shard < keys.size(); ++shard) {
      const auto [begin, end] = set.range(shard);
      tasks.push_back({&set, shard, set.approximate_bytes(shard), tasks.size(), end - begin, keys[shard]});
    }
  }
  return tasks;
}

class Pass final : public PoolPass {
 public:
  Pass(const JobEnvironment& environment, const PlannedJob& planned, const std::vector<ShardTask>& tasks,
       ProgressLine& progress)
      : environment_(environment), planned_(planned), tasks_(tasks), progress_(progress) {}

  void for_each_shard(const std::function<void(const Shard&)>& visit) override {
    visit_all(spread_over_pool(environment_.data.sets[0].shards()), visit);
  }
  void for_sample(std::uint64_t records, const std::function<void(const Shard&, std::size_t stride)>& visit) override {
    constexpr std::size_t most_shards = 64;
    const auto tasks = spread_over_pool(most_shards);
    const auto stride = std::max<std::uint64_t>((size_of(tasks) + records - 1) / records, 1);
    visit_all(tasks, [&](const Shard& shard) { visit(shard, stride); });
  }
  void sum(std::span<std::uint64_t> values) override {
    comm::all_reduce(environment_.comm, values, comm::Reduction::sum);
  }
  void share(std::span<float> values) override { comm::broadcast(environment_.comm, values); }

 private:
  static std::uint64_t size_of(const std::vector<ShardTask>& tasks) {
    return std::accumulate(tasks.begin(), tasks.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const ShardTask& task) { return sum + task.size; });
  }

  std::vector<ShardTask> spread_over_pool(std::size_t most) const {
    const auto shards = environment_.data.sets[0].shards();
    const auto count = std::min(most, shards);
    std::vector<ShardTask> found;
    for (const auto& task : tasks_) {
      // True for exactly `count` shards, at about equal distances.
      const bool is_one =
          task.set->population == Population::pool && (task.shard + 1) * count / shards > task.shard * count / shards;
      if (is_one) found.push_back(task);
    }
    return found;
  }

  void visit_all(const std::vector<ShardTask>& tasks, const std::function<void(const Shard&)>& visit) {
    progress_.set_total(progress_.total() + size_of(tasks));
    for (const auto* task : tasks_of_rank(tasks, environment_.comm.rank(), environment_.comm.size())) {
      visit(*open_shard(environment_.data, planned_, Population::pool, task->shard));
      progress_.add(task->size);
    }
  }

  const JobEnvironment& environment_;
  const PlannedJob& planned_;
  const std::vector<ShardTask>& tasks_;
  ProgressLine& progress_;
};

/// Gives the job what it learns from the whole pool: from the file of an earlier run, or anew.
void prepare(const JobEnvironment& environment, const PlannedJob& planned, ShardJob& job,
             const std::vector<ShardTask>& tasks, ProgressLine& progress) {
  if (!job.needs_preparation()) return;
  auto& comm = environment.comm;
  const auto file = environment.data.stages[planned.stage].folder / "prepared.h5";
  const auto key = job_key(comm, planned, environment.data, environment.config.run.seed).hex();
  std::uint8_t kept = 0;
  if (comm.rank() == 0) {
    const auto attributes = store::intact_shard(file);
    kept = attributes && attributes->contains("key") && attributes->at("key") == key ? 1 : 0;
  }
  comm::broadcast(comm, std::span(&kept, 1));
  if (kept == 0) {
    Pass pass(environment, planned, tasks, progress);
    const auto columns = job.prepare(pass);
    if (comm.rank() == 0) store::write_shard(file, {{"key", key}}, columns);
    job.use(columns);
    return;
  }
  const store::ShardFile shard(file);
  std::vector<store::Column> columns;
  for (const auto& column : shard.columns()) columns.push_back(shard.read(column.name));
  job.use(columns);
}

void add_reject_columns(std::vector<store::Column>& columns, const std::vector<Reject>& rejects) {
  std::vector<std::uint64_t> ids;
  store::Strings reasons;
  for (const auto& reject : rejects) {
    ids.push_back(reject.id);
    reasons.push_back(reject.reason);
  }
  columns.push_back({"rejects/id", std::move(ids)});
  columns.push_back({"rejects/reason", std::move(reasons)});
}

ShardContent make_shard(const JobEnvironment& environment, const PlannedJob& planned, const ShardTask& task) {
  const auto shard = open_shard(environment.data, planned, task.set->population, task.shard);
  auto result = as_shard_job(planned)->process(*shard);
  const auto in = shard->ids().size();
  const auto out = result.kept ? result.kept->size() : in - result.failed;
  ShardContent content;
  content.tally = {in, out, in - out - (result.kept ? 0 : result.failed), result.failed, result.units, result.counters};
  if (planned.job->unit() == "records") content.tally.units = in;
  content.columns.push_back({"id", std::vector(shard->ids().begin(), shard->ids().end())});
  for (auto& column : result.columns) content.columns.push_back(std::move(column));
  if (result.kept) content.columns.push_back({"kept", std::move(*result.kept)});
  add_reject_columns(content.columns, result.rejects);
  return content;
}

}  // namespace

Hash128 job_key(comm::Communicator& comm, const PlannedJob& planned, const Data& data, std::uint64_t seed) {
  const auto& job = *planned.job;
  Hasher hasher;
  hasher.add(planned.name).add(job.version()).add(to_yaml(job.options(true)));
  if (job.uses_seed()) hasher.add(seed);
  if (const auto* shard_job = as_shard_job(planned)) {
    for (const auto& index : scan_files(comm, shard_job->files())) hasher.add(index.fingerprint(0, index.records()));
    if (!shard_job->needs_preparation()) return hasher.digest();
  }
  // What depends on the whole pool depends on each of its shards.
  for (std::size_t shard = 0; shard < data.sets[0].shards(); ++shard) {
    for (const auto stage : inputs(planned, Population::pool)) hasher.add(data.stages[stage].keys[0].at(shard));
  }
  return hasher.digest();
}

StageData plan_stage(comm::Communicator& comm, const PlannedJob& planned, const Data& data, const RunFolder& folder,
                     std::uint64_t seed) {
  StageData stage{folder.stage(planned.folder()), {}};
  if (as_shard_job(planned) == nullptr) return stage;
  const auto job = job_key(comm, planned, data, seed);
  for (const auto population : populations) {
    if (!covers(planned, data, population)) continue;
    auto& keys = stage.keys[static_cast<std::size_t>(population)];
    for (std::size_t shard = 0; shard < data.set(population).shards(); ++shard) {
      keys.push_back(shard_key(job, planned, data, population, shard));
    }
  }
  return stage;
}

JobOutcome run_shard_job(const JobEnvironment& environment, const PlannedJob& planned) {
  auto& job = dynamic_cast<ShardJob&>(*planned.job);
  const auto& data = environment.data;
  job.check(data.sets[0].records());
  const auto tasks = make_tasks(planned, data);
  const auto title = job.as().empty() ? planned.name : planned.name + " " + job.as();
  std::uint64_t records = 0;
  for (const auto& task : tasks) records += task.size;
  ProgressLine progress(environment.comm, title, records, "records");
  const auto tally = make_shards(
      environment.comm, data.stages[planned.stage].folder, tasks, progress,
      [&] { prepare(environment, planned, job, tasks, progress); },
      [&](const ShardTask& task) { return make_shard(environment, planned, task); });

  JobOutcome outcome;
  auto& summary = outcome.summary;
  summary.job = planned.name;
  summary.as = job.as();
  summary.tally = tally.totals[0];
  if (tally.totals[1].in > 0) {
    summary.tally.counters["curated_in"] = tally.totals[1].in;
    summary.tally.counters["curated_out"] = tally.totals[1].out;
  }
  summary.seconds = progress.seconds();
  summary.unit = job.unit();
  if (tally.made_units > 0) summary.rate = static_cast<double>(tally.made_units) / std::max(1e-9, summary.seconds);
  summary.resumed_shards = tally.resumed;
  for (const auto& [population, shard] : tally.rejecting) {
    const auto file = data.stages[planned.stage].folder / data.set(population).shard_name(shard);
    if (store::ShardFile(file).has("rejects/id")) {
      outcome.reject_files.emplace_back(static_cast<std::uint8_t>(population), file.string());
    }
  }
  progress.finish(fmt::format("{} of {} records, {}{}", format_count(summary.tally.out), format_count(summary.tally.in),
                              format_duration(summary.seconds),
                              summary.rate > 0 ? ", " + format_amount(summary.rate, summary.unit) + "/s" : ""));
  return outcome;
}

}  // namespace farpoint::pipeline
