// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/serialization/vector.hpp>
#include <chrono>
#include <deque>
#include <optional>
#include <set>

#include "farpoint/base/activity.hpp"
#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/log.hpp"
#include "farpoint/base/machine.hpp"
#include "farpoint/base/version.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/objects.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/pipeline/heartbeat.hpp"
#include "farpoint/pipeline/stop.hpp"
#include "farpoint/pipeline/work_board.hpp"
#include "ingest.hpp"
#include "job_runner.hpp"
#include "rejects.hpp"
#include "stale_results.hpp"
#include "work_shares.hpp"

namespace farpoint::pipeline {

namespace {

constexpr auto ingest_folder = "00-ingest";

class Runner {
 public:
  Runner(comm::Communicator& comm, const Config& config, const Plan& plan, CorpusFiles files, const RunRequest& request)
      : comm_(comm),
        config_(config),
        plan_(plan),
        request_(request),
        folder_{config.run.output},
        files_(std::move(files)) {
    take_folder();
    stop_.emplace(comm, request.seconds);
    start_threads();
    log::info("farpoint {}, rank {} of {} on {}, {} thread{}", version, comm.rank(), comm.size(), host_name(),
              summary_.threads, summary_.threads == 1 ? "" : "s");
  }

  RunSummary run() {
    try {
      return run_all();
    } catch (const comm::AgreedError& error) {
      if (error.code() == ExitCode::stopped) heartbeat_->finish(Beat::State::stopped);
      throw;
    }
  }

 private:
  RunSummary run_all() {
    const auto start = std::chrono::steady_clock::now();
    {
      work_board().begin_stage(ingest_folder);
      const auto before = time_use();
      // Finding the records is part of reading them.
      ProgressLine progress(comm_, "ingest", 0, "bytes");
      read_corpus();
      plan_stages();
      begin_folder();
      ingest(progress);
      take_times(comm_, before, summary_.jobs.back());
    }
    for (const auto& group : plan_.groups) run_group(group);
    finish(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    return summary_;
  }

  void take_folder() {
    comm::agree(comm_, [&] {
      if (comm_.rank() != 0) return;
      folder_.check_config();
      folder_.create();
      lock_.emplace(folder_);
      remove_beats(folder_.status());
    });
    comm::agree(comm_, [&] { log::open(folder_.log(comm_.rank()), comm_.rank() == 0); });
    start_heartbeat();
  }

  void start_heartbeat() {
    Heartbeat::Setup setup{
        folder_.status(), comm_.rank(), comm_.size(), static_cast<double>(config_.run.stall_timeout), {}, {}};
    if (comm_.rank() == 0) setup.stages = stage_names();
    setup.on_stall = [](const std::string& stalled) {
      const auto message = fmt::format(
          "{}. The run is ended; run the same command again to go on. run.stall_timeout is how long it waits", stalled);
      log::record(log::Level::error, message);
      comm::end_all_ranks(message, ExitCode::failed);
    };
    heartbeat_.emplace(std::move(setup));
  }

  std::vector<std::string> stage_names() const {
    std::vector<std::string> names{ingest_folder};
    for (const auto& group : plan_.groups) {
      for (const auto& planned : group) names.push_back(planned.folder());
    }
    return names;
  }

  /// From here on the folder belongs to this configuration.
  void begin_folder() {
    comm::agree(comm_, [&] {
      if (comm_.rank() != 0) return;
      const bool is_part = plan_.groups.size() < config_.pipeline.size();
      drop_stale_results(folder_, data_, plan_, {request_.fresh, is_part});
      if (request_.fresh) folder_.clear();
      folder_.create();
      // Whoever reads these while the run is under way must not take the last run's for its own.
      std::filesystem::remove(folder_.summary());
      std::filesystem::remove(folder_.times());
      std::filesystem::remove(folder_.rejects());
      folder_.write_config(plan_.resolved);
      tell_of_unused_stages(is_part);
    });
  }

  /// Stages are numbered by their place, so a pipeline that was changed leaves others behind.
  void tell_of_unused_stages(bool is_part) const {
    std::set<std::string> used{ingest_folder};
    for (const auto* planned : plan_.jobs()) used.insert(planned->folder());
    for (const auto& stage : folder_.stages()) {
      const auto name = stage.filename().string();
      // What could not be planned may just not have its turn in this run (--until).
      if (used.contains(name) || (is_part && name > *used.rbegin())) continue;
      log::warning("{} belongs to another pipeline and is not used; remove it if you do not go back", stage.string());
    }
  }

  void start_threads() {
    const auto node = comm_.split_by_node();
    node_rank_ = node->rank();
    const auto masks = comm::all_gather_objects(*node, usable_cores());
    const auto shared = fair_threads(masks, static_cast<std::size_t>(node->rank()));
    summary_.threads = config_.run.threads ? static_cast<int>(*config_.run.threads) : shared;
    summary_.ranks = comm_.size();
    set_threads(summary_.threads);
  }

  /// What the jobs of this run say; the others are not asked, for they may have been left out for want of a GPU.
  void find_device() {
    for (const auto& group : plan_.groups) {
      for (const auto& planned : group) {
        if (planned.job->device() != "cpu") summary_.device = planned.job->device();
      }
    }
    if (config_.run.device == Device::cuda && summary_.device == "cpu" && comm_.rank() == 0) {
      log::warning("run.device is cuda, but no job of this pipeline uses a GPU: it runs on the CPU");
    }
  }

  void read_corpus() {
    const auto& corpus = config_.corpus;
    for (const auto population : populations) {
      const auto p = static_cast<std::size_t>(population);
      auto indexes = scan_files(comm_, files_[p]);
      data_.sets[p] = make_record_set(population, std::move(files_[p]), std::move(indexes), corpus.shard_records);
      data_.specs[p] = sources_of(corpus, population);
    }
    summary_.pool_records = data_.sets[0].records();
    if (summary_.pool_records == 0) {
      throw comm::AgreedError(
          fmt::format("the corpus is empty: no record in {}{}; farpoint init FILES... tells what files hold",
                      config_.corpus.pool.front().path,
                      config_.corpus.pool.size() > 1 ? " and the other sources of corpus.pool" : ""));
    }
  }

  /// The keys of all stages: they follow from the input and the configuration alone.
  void plan_stages() {
    for (const auto population : populations) {
      const auto p = index_of(population);
      const auto chains = ingest_tasks_.empty() ? 0 : ingest_tasks_.back().chain + 1;
      for (auto task : Ingest(data_.sets[p], data_.specs[p], config_.corpus).tasks()) {
        task.chain += chains;
        ingest_tasks_.push_back(task);
      }
    }
    StageData stage{folder_.stage(ingest_folder), {}, {}};
    for (const auto& task : ingest_tasks_) {
      stage.keys[static_cast<std::size_t>(task.set->population)].push_back(task.key);
    }
    data_.stages.push_back(std::move(stage));
    for (const auto& group : plan_.groups) {
      for (const auto& planned : group) check_input(planned);
    }
    find_device();
    FileHashes hashes;
    for (const auto* planned : plan_.jobs()) {
      data_.stages.push_back(plan_stage(comm_, *planned, data_, folder_, plan_, config_.run.seed, hashes));
    }
  }

  void check_input(const PlannedJob& planned) {
    const auto* job = planned.shard_job();
    if (job == nullptr) return;
    comm::agree(comm_, [&] { job->check(summary_.pool_records); });
  }

  void ingest(ProgressLine& progress) {
    std::deque<Ingest> ingests;  // which cannot be moved
    std::uint64_t bytes = 0;
    for (const auto population : populations) {
      const auto p = index_of(population);
      ingests.emplace_back(data_.sets[p], data_.specs[p], config_.corpus);
      bytes += data_.sets[p].total_bytes();
    }
    progress.set_total(bytes);
    StopPoints stops(*stop_, comm_);
    const auto tally = make_shards(
        comm_, data_.stages[ingest_stage].folder, ingest_tasks_, progress, stops, [](bool) {},
        [&](const ShardTask& task) { return ingests[index_of(task.set->population)].make(task.shard); });
    data_.sizes = tally.sizes;
    data_.stages[ingest_stage].staying = tally.staying;
    add_ingest_summary(tally, progress);
    // Complete at the end; until then it says what the ingest left out, whatever ends the run.
    write_rejects_file();
    for (const auto population : populations) {
      check_reject_fraction(population, tally.totals[static_cast<std::size_t>(population)]);
    }
  }

  void add_ingest_summary(const StageTally& tally, ProgressLine& progress) {
    JobSummary summary;
    summary.job = "ingest";
    summary.tally = tally.totals[0];
    count_other_records(tally, summary);
    summary.seconds = progress.seconds();
    summary.unit = "bytes";
    if (tally.made_units > 0) summary.rate = static_cast<double>(tally.made_units) / summary.seconds;
    summary.resumed_shards = tally.resumed;
    auto& rejects = rejects_.emplace_back();
    rejects.stage = "ingest";
    for (const auto& [population, shard] : tally.rejecting) {
      rejects.files.emplace_back(population,
                                 data_.stages[ingest_stage].folder / data_.set(population).shard_name(shard));
    }
    progress.finish(fmt::format(
        "{} of {} records, {}, {}", format_count(summary.tally.out), format_count(summary.tally.in),
        format_amount(static_cast<double>(summary.tally.units), "bytes"), format_duration(summary.seconds)));
    summary_.jobs.push_back(std::move(summary));
  }

  void check_reject_fraction(Population population, const Tally& tally) {
    const auto limit = config_.corpus.max_reject_fraction;
    if (static_cast<double>(tally.rejected) <= limit * static_cast<double>(tally.in)) return;
    std::string reasons;
    for (const auto& [reason, count] : tally.counters) reasons += fmt::format(", {} {}", reason, format_count(count));
    const auto no_text = tally.counters.find("no_text");
    const bool has_unknown_schema = no_text != tally.counters.end() && 2 * no_text->second > tally.rejected;
    throw comm::AgreedError(fmt::format(
        "ingest: {}: {} of {} records are faulty ({:.1f} %{}), more than corpus.max_reject_fraction = {}; {} "
        "lists them. {}Mend them, or raise the limit",
        fmt::format("corpus.{}", name_of(population)), format_count(tally.rejected), format_count(tally.in),
        100.0 * static_cast<double>(tally.rejected) / static_cast<double>(tally.in), reasons, limit,
        folder_.rejects().string(),
        has_unknown_schema ? "no_text: say which keys hold what with the source's 'fields'; farpoint init FILE guesses "
                             "them. "
                           : ""));
  }

  void run_group(const std::vector<PlannedJob>& group) {
    if (group.size() == 1 || comm_.size() < static_cast<int>(group.size())) {
      for (const auto& planned : group) take(planned, run_job(comm_, planned));
      return;
    }
    run_parallel(group);
  }

  JobOutcome run_job(comm::Communicator& comm, const PlannedJob& planned) {
    StopPoints stops(*stop_, comm);
    stops.point();
    const JobEnvironment environment{comm, data_, folder_, plan_, config_, stops, node_rank_, summary_};
    const bool shard_job = planned.shard_job() != nullptr;
    work_board().begin_stage(planned.folder());
    const auto before = time_use();
    auto outcome = shard_job ? run_shard_job(environment, planned) : run_collective_job(environment, planned);
    take_times(comm, before, outcome.summary);
    return outcome;
  }

  /// What the ranks of a job have spent since `before`. Collective.
  static void take_times(comm::Communicator& comm, const TimeUse& before, JobSummary& summary) {
    add_times(summary, comm::all_gather(comm, time_use() - before));
  }

  void run_parallel(const std::vector<PlannedJob>& group) {
    std::vector<double> shares;
    for (const auto& planned : group) shares.push_back(planned.share);
    const auto counts = ranks_by_share(shares, comm_.size());
    std::size_t mine = 0;
    for (int first = counts[0]; comm_.rank() >= first; first += counts[mine]) ++mine;
    const auto ranks = comm_.split(static_cast<int>(mine), comm_.rank());
    auto outcome = run_in_group(*ranks, group[mine]);
    // Each group's first rank knows how its job went.
    int first = 0;
    for (std::size_t i = 0; i < group.size(); ++i) {
      auto one = i == mine ? outcome : JobOutcome{};
      comm::broadcast_object(comm_, one, first);
      take(group[i], one);
      first += counts[i];
    }
  }

  /// What one group agrees on must reach the others too.
  JobOutcome run_in_group(comm::Communicator& ranks, const PlannedJob& planned) {
    JobOutcome outcome;
    std::optional<comm::AgreedError> failure;
    try {
      outcome = run_job(ranks, planned);
    } catch (const comm::AgreedError& error) {
      failure = error;
    }
    comm_.wait_for_all([&] { stop_->requested(); });
    const bool stopped = failure && failure->code() == ExitCode::stopped;
    comm::agree(comm_, [&] {
      if (failure && !stopped) throw Error(failure->what(), failure->code());
    });
    StopPoints(*stop_, comm_).settle(stopped);
    return outcome;
  }

  void take(const PlannedJob& planned, const JobOutcome& outcome) {
    auto& rejects = rejects_.emplace_back();
    rejects.stage = planned.name;
    for (const auto& [population, file] : outcome.reject_files) {
      rejects.files.emplace_back(static_cast<Population>(population), file);
    }
    data_.stages[planned.stage].staying = outcome.staying;
    summary_.jobs.push_back(outcome.summary);
  }

  void write_rejects_file() {
    comm::agree(comm_, [&] {
      if (comm_.rank() == 0) write_rejects(folder_.rejects(), data_, rejects_);
    });
  }

  void finish(double seconds) {
    write_rejects_file();
    summary_.seconds = seconds;
    comm::agree(comm_, [&] {
      if (comm_.rank() != 0) return;
      write_file(folder_.times(), rank_times_to_lines(summary_));
      write_file(folder_.summary(), to_json(summary_));
    });
    heartbeat_->finish(Beat::State::finished);
  }

  comm::Communicator& comm_;
  const Config& config_;
  const Plan& plan_;
  RunRequest request_;
  RunFolder folder_;
  CorpusFiles files_;               // the record sets take them over
  std::optional<FolderLock> lock_;  // rank 0's
  std::optional<Heartbeat> heartbeat_;
  std::optional<StopRequest> stop_;
  Data data_;
  std::vector<ShardTask> ingest_tasks_;
  std::vector<RejectFiles> rejects_;
  int node_rank_ = 0;
  RunSummary summary_;
};

}  // namespace

RunSummary run_pipeline(comm::Communicator& comm, const Config& config, const Plan& plan, CorpusFiles files,
                        const RunRequest& request) {
  try {
    return Runner(comm, config, plan, std::move(files), request).run();
  } catch (const Error& error) {
    // People see it on stderr, but that is gone when somebody asks why the run ended.
    log::record(error.code() == ExitCode::stopped ? log::Level::info : log::Level::error, error.what());
    throw;
  } catch (const std::exception& error) {
    log::record(log::Level::error, error.what());
    throw;
  }
}

}  // namespace farpoint::pipeline
