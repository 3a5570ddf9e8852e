// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <numeric>

#include "farpoint/base/error.hpp"
#include "farpoint/base/random.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/corpus/file_index.hpp"
#include "farpoint/pipeline/kept_file.hpp"
#include "job_runner.hpp"

namespace farpoint::pipeline {

namespace {

constexpr std::uint64_t sample_stream = 0x73616d706c65;  // "sample": own numbers

/// For sharing out. Texts that jobs before this one have removed or changed count as they were.
std::uint64_t cost_of(const ShardJob& job, const Data& data, const RecordSet& set, std::size_t shard) {
  const auto& sizes = data.sizes[index_of(set.population)];
  if (shard >= sizes.size() || sizes[shard].empty()) return set.approximate_bytes(shard);
  return static_cast<std::uint64_t>(sizes[shard].cost([&](double bytes) { return job.cost(bytes); }));
}

/// That `planned` will meet in a shard; where nobody has counted them in this run, as many as there were.
std::uint64_t records_left(const PlannedJob& planned, const Data& data, const RecordSet& set, std::size_t shard) {
  const auto& staying = data.stages[ids_stage(planned, set.population)].staying;
  if (set.population == Population::pool && shard < staying.size()) return staying[shard];
  const auto [begin, end] = set.range(shard);
  return end - begin;
}

std::vector<ShardTask> make_tasks(const PlannedJob& planned, const Data& data) {
  std::vector<ShardTask> tasks;
  for (const auto& set : data.sets) {
    const auto& keys = data.stages[planned.stage].keys[static_cast<std::size_t>(set.population)];
    for (std::size_t shard = 0; shard < keys.size(); ++shard) {
      const auto cost = cost_of(*planned.shard_job(), data, set, shard);
      tasks.push_back({&set, shard, cost, tasks.size(), records_left(planned, data, set, shard), keys[shard]});
    }
  }
  return tasks;
}

class Pass final : public PoolPass {
 public:
  Pass(const JobEnvironment& environment, const PlannedJob& planned, ProgressLine& progress)
      : environment_(environment), planned_(planned), progress_(progress) {}

  void for_each_shard(Population population, const std::function<void(const Shard&)>& visit) override {
    visit_all(tasks_of(population), visit);
  }
  void for_every_shard(Population population, const std::function<bool(const Shard&)>& visit) override {
    const auto shards = environment_.data.set(population).shards();
    for (std::size_t shard = 0; shard < shards; ++shard) {
      if (!visit(*open_shard(environment_.data, planned_, population, shard))) return;
    }
  }
  void for_sample(std::uint64_t records,
                  const std::function<void(const Shard&, std::span<const std::size_t> rows)>& visit) override {
    const Windows windows = windows_with(records);
    const auto stride = std::max<std::uint64_t>((windows.left + records - 1) / records, 1);
    visit_all(tasks_in(windows), [&](const Shard& shard) {
      const auto ids = shard.ids();
      std::vector<std::size_t> rows;
      for (std::size_t row = 0; row < ids.size(); ++row) {
        // Which of the records are taken must not follow a pattern that the corpus has too.
        if (windows.hold(ids[row]) && random_bits(0, sample_stream, ids[row]) % stride == 0) rows.push_back(row);
      }
      visit(shard, rows);
    });
  }
  void sum(std::span<std::uint64_t> values) override {
    comm::all_reduce(environment_.comm, values, comm::Reduction::sum);
  }
  std::vector<float> share(const std::function<std::vector<float>()>& make) override {
    std::vector<float> values;
    if (environment_.comm.rank() == 0) values = make();
    auto size = static_cast<std::uint64_t>(values.size());
    comm::broadcast(environment_.comm, std::span(&size, 1));
    values.resize(size);
    comm::broadcast(environment_.comm, std::span(values));
    return values;
  }
  comm::Communicator& comm() override { return environment_.comm; }
  std::uint64_t seed() const override { return environment_.config.run.seed; }
  int node_rank() const override { return environment_.node_rank; }
  std::string fingerprint() const override { return environment_.data.stages[planned_.stage].key.hex(); }
  void progress(std::uint64_t done, std::uint64_t total) override { progress_.show(done, total); }
  StopPoints& stops() override { return environment_.stops; }

 private:
  /// Ranges of ids, spread evenly over the pool and all equally long; however the pool is cut into shards.
  struct Windows {
    std::uint64_t records = 0;  ///< of the pool
    std::uint64_t length = 0;
    std::uint64_t left = 0;  ///< records in them that the jobs before have left

    static constexpr std::uint64_t count = 64;
    std::uint64_t begin(std::uint64_t window) const { return window * (records / count); }
    std::uint64_t window_of(std::uint64_t id) const {
      return std::min(id / std::max<std::uint64_t>(records / count, 1), count - 1);
    }
    bool cover_all() const { return length >= records / count + count; }
    bool hold(std::uint64_t id) const { return cover_all() || id - begin(window_of(id)) < length; }
    bool touch(std::uint64_t first, std::uint64_t end) const {
      const auto next = window_of(first) + 1;
      return hold(first) || (next < count && begin(next) < end);
    }
  };

  /// Windows with so many records, or the whole pool if it has fewer: filters may have left few. Collective.
  Windows windows_with(std::uint64_t records) const {
    Windows windows{environment_.data.sets[0].records(), 4096, 0};
    while (true) {
      windows.left = count_left(windows);
      if (windows.left >= records || windows.cover_all()) return windows;
      windows.length *= 4;
    }
  }

  /// For sharing out alone: the job may make no shards of this population.
  std::vector<ShardTask> tasks_of(Population population) const {
    const auto& set = environment_.data.set(population);
    std::vector<ShardTask> tasks;
    for (std::size_t shard = 0; shard < set.shards(); ++shard) {
      const auto records = records_left(planned_, environment_.data, set, shard);
      tasks.push_back({&set, shard, set.approximate_bytes(shard), shard, records, {}});
    }
    return tasks;
  }

  std::vector<ShardTask> tasks_in(const Windows& windows) const {
    std::vector<ShardTask> found;
    for (const auto& task : tasks_of(Population::pool)) {
      const auto [begin, end] = task.set->range(task.shard);
      if (windows.touch(begin, end)) found.push_back(task);
    }
    return found;
  }

  std::uint64_t count_left(const Windows& windows) const {
    std::uint64_t count = 0;
    const auto tasks = tasks_in(windows);
    for (const auto* task : tasks_of_rank(tasks, environment_.comm.rank(), environment_.comm.size())) {
      const auto shard = open_shard(environment_.data, planned_, Population::pool, task->shard);
      const auto ids = shard->ids();
      count += static_cast<std::uint64_t>(
          std::count_if(ids.begin(), ids.end(), [&](std::uint64_t id) { return windows.hold(id); }));
    }
    return comm::all_reduce(environment_.comm, count, comm::Reduction::sum);
  }

  void visit_all(const std::vector<ShardTask>& tasks, const std::function<void(const Shard&)>& visit) {
    progress_.set_total(std::accumulate(tasks.begin(), tasks.end(), progress_.total(),
                                        [](std::uint64_t sum, const ShardTask& task) { return sum + task.size; }));
    bool left_early = false;
    for (const auto* task : tasks_of_rank(tasks, environment_.comm.rank(), environment_.comm.size())) {
      left_early = environment_.stops.requested();
      if (left_early) break;
      visit(*open_shard(environment_.data, planned_, task->set->population, task->shard));
      progress_.add(task->size);
    }
    environment_.stops.settle(left_early);
  }

  const JobEnvironment& environment_;
  const PlannedJob& planned_;
  ProgressLine& progress_;
};

std::filesystem::path prepared_file(const StageData& stage) {
  return stage.folder / "prepared.h5";
}

/// Whether the file holds what a job with the stage's key has learnt.
bool is_prepared(const StageData& stage) {
  return is_kept(prepared_file(stage), stage.key.hex());
}

std::vector<store::Column> read_prepared(const StageData& stage) {
  const store::ShardFile file(prepared_file(stage));
  std::vector<store::Column> columns;
  for (const auto& column : file.columns()) columns.push_back(file.read(column.name));
  return columns;
}

/// Gives the job what it learns from all records: from the file of an earlier run, or anew.
void prepare(const JobEnvironment& environment, const PlannedJob& planned, ShardJob& job, ProgressLine& progress) {
  if (!job.needs_preparation()) return;
  auto& comm = environment.comm;
  const auto& stage = environment.data.stages[planned.stage];
  std::uint8_t kept = comm.rank() == 0 && is_prepared(stage) ? 1 : 0;
  comm::broadcast(comm, std::span(&kept, 1));
  if (kept == 0) {
    Pass pass(environment, planned, progress);
    const auto columns = job.prepare(pass);
    if (comm.rank() == 0) store::write_shard(prepared_file(stage), {{"key", stage.key.hex()}}, columns);
    job.use(columns);
    return;
  }
  job.use(read_prepared(stage));
}

/// Brings in what the job works with, if this rank has shards to make. Returns how long all ranks took. Collective.
double load(const JobEnvironment& environment, ShardJob& job, bool has_work) {
  auto& comm = environment.comm;
  const auto start = std::chrono::steady_clock::now();
  const auto node = comm.split_by_node();
  const auto needed = comm::all_reduce(*node, std::uint8_t{has_work}, comm::Reduction::max);
  comm::agree(comm, [&] {
    if (needed > 0 && node->rank() == 0) job.prefetch();
  });
  comm::agree(comm, [&] {
    if (has_work) job.load(environment.node_rank);
  });
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
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

void add_trace_columns(std::vector<store::Column>& columns, const std::vector<TraceEntry>& trace) {
  if (trace.empty()) return;
  std::vector<std::uint64_t> ids;
  store::Strings rules;
  store::Strings details;
  for (const auto& entry : trace) {
    ids.push_back(entry.id);
    rules.push_back(entry.rule);
    details.push_back(entry.detail);
  }
  columns.push_back({"trace/id", std::move(ids)});
  columns.push_back({"trace/rule", std::move(rules)});
  columns.push_back({"trace/detail", std::move(details)});
}

/// in = out + rejected + failed: those that failed are still in the pipeline, but came out without a value.
Tally tally_of(const PlannedJob& planned, std::uint64_t in, const ShardResult& result) {
  const std::uint64_t staying = result.kept ? result.kept->size() : in;
  if (staying > in || result.failed > staying || result.rejects.size() > in - staying) {
    throw Error(
        fmt::format("{}: of {} records {} were kept, {} of them without a value, and {} listed as rejects, which "
                    "does not add up; this is a mistake in the job",
                    planned.folder(), in, staying, result.failed, result.rejects.size()));
  }
  const auto units = planned.job->unit() == "records" ? in : result.units;
  return {in, staying - result.failed, in - staying, result.failed, units, result.counters};
}

/// A column that is missing, or too short, would be met by a later job, where nobody looks for the mistake.
void check_columns(const PlannedJob& planned, const Shard& shard, const std::vector<store::Column>& columns) {
  const auto rows = shard.ids().size();
  for (const auto& column : columns) {
    if (column.rows() == rows) continue;
    throw Error(
        fmt::format("{}: the column '{}' was made with {} rows for the {} records of a shard; this is a mistake "
                    "in the job",
                    planned.folder(), column.name, column.rows(), rows));
  }
  if (shard.population() != Population::pool) return;
  for (const auto& spec : planned.job->writes()) {
    const auto is_it = [&](const store::Column& column) { return column.name == spec.name; };
    if (!spec.in_pool || std::any_of(columns.begin(), columns.end(), is_it)) continue;
    throw Error(
        fmt::format("{}: the column '{}', which the job says it writes, was not made; this is a mistake in the job",
                    planned.folder(), spec.name));
  }
}

ShardContent make_shard(const JobEnvironment& environment, const PlannedJob& planned, const ShardTask& task) {
  const auto shard = open_shard(environment.data, planned, task.set->population, task.shard);
  auto result = planned.shard_job()->process(*shard);
  check_columns(planned, *shard, result.columns);
  ShardContent content;
  content.tally = tally_of(planned, shard->ids().size(), result);
  content.columns.push_back({"id", std::vector(shard->ids().begin(), shard->ids().end())});
  for (auto& column : result.columns) content.columns.push_back(std::move(column));
  if (result.kept) content.columns.push_back({"kept", std::move(*result.kept)});
  if (planned.shard_job()->rewrites_records()) {
    content.columns.push_back({"rewritten/id", std::move(result.rewrites.ids)});
    content.columns.push_back({"rewritten/record", std::move(result.rewrites.records)});
  }
  add_trace_columns(content.columns, result.trace);
  add_reject_columns(content.columns, result.rejects);
  return content;
}

}  // namespace

void count_other_records(const StageTally& tally, JobSummary& summary) {
  for (const auto population : {Population::curated, Population::labelled}) {
    const auto& total = tally.totals[index_of(population)];
    if (total.in == 0) continue;
    summary.tally.counters[fmt::format("{}_in", name_of(population))] = total.in;
    summary.tally.counters[fmt::format("{}_out", name_of(population))] = total.out;
  }
}

JobOutcome run_shard_job(const JobEnvironment& environment, const PlannedJob& planned) {
  auto& job = dynamic_cast<ShardJob&>(*planned.job);
  const auto& data = environment.data;
  const auto tasks = make_tasks(planned, data);
  const auto title = job.as().empty() ? planned.name : planned.name + " " + job.as();
  std::uint64_t records = 0;
  for (const auto& task : tasks) records += task.size;
  ProgressLine progress(environment.comm, title, records, "records");
  double load_seconds = 0;
  job.work_in(data.stages[planned.stage].folder);
  job.interrupt_by([&stops = environment.stops] { stops.request().check_piece(); });
  const auto tally = make_shards(
      environment.comm, data.stages[planned.stage].folder, tasks, progress, environment.stops,
      [&](bool has_work) {
        prepare(environment, planned, job, progress);
        load_seconds = load(environment, job, has_work);
      },
      [&](const ShardTask& task) { return make_shard(environment, planned, task); });
  job.unload();

  const auto& stage = data.stages[planned.stage];
  JobOutcome outcome;
  auto& summary = outcome.summary;
  summary.job = planned.name;
  summary.as = job.as();
  summary.tally = tally.totals[0];
  count_other_records(tally, summary);
  // The summary is rank 0's to write.
  if (job.needs_preparation() && environment.comm.rank() == 0 && is_prepared(stage)) {
    const auto prepared = read_prepared(stage);
    summary.facts = job.facts(prepared);
    summary.examples = job.examples(prepared);
  }
  summary.seconds = progress.seconds();
  summary.unit = job.unit();
  const auto work_seconds = std::max(1e-9, summary.seconds - load_seconds);
  if (tally.made_units > 0) summary.rate = static_cast<double>(tally.made_units) / work_seconds;
  summary.resumed_shards = tally.resumed;
  outcome.staying = tally.staying;
  for (const auto& [population, shard] : tally.rejecting) {
    const auto file = data.stages[planned.stage].folder / data.set(population).shard_name(shard);
    outcome.reject_files.emplace_back(static_cast<std::uint8_t>(population), file.string());
  }
  progress.finish(fmt::format("{} of {} records, {}{}", format_count(summary.tally.out), format_count(summary.tally.in),
                              format_duration(summary.seconds),
                              summary.rate > 0 ? ", " + format_amount(summary.rate, summary.unit) + "/s" : ""));
  return outcome;
}

}  // namespace farpoint::pipeline
