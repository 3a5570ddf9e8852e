// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/estimate.hpp"

#include <algorithm>
#include <utility>

#include "farpoint/pipeline/stage_record.hpp"
#include "work_shares.hpp"

namespace farpoint::pipeline {

namespace {

/// Beside what the jobs say: an open HDF5 file, buffers of reading and writing, what MPI sets up for its ranks.
constexpr std::uint64_t bytes_of_buffers = 12U << 20;
constexpr std::uint64_t bytes_of_mpi = 6U << 20;
/// In shard files beside its text: id, source, file, line, and where the text begins.
constexpr std::uint64_t bytes_beside_record = 8 + 4 + 4 + 8 + 8;
/// The record of a row of vectors: {"id": 123456}.
constexpr std::uint64_t bytes_of_vector_record = 16;
/// Of a shard file by itself.
constexpr std::uint64_t bytes_of_file = 16U << 10;
/// On a core of the reference machine, the scan before the ingest included.
constexpr double ingest_rate = 180e6;
constexpr double start_seconds = 0.2;
constexpr int most_nodes = 1024;

std::uint64_t shards_of(const Workload& work) {
  std::uint64_t shards = 0;
  for (const auto records : work.records) shards += (records + work.shard_records - 1) / work.shard_records;
  return shards;
}

Need ingest_need(const CorpusSample& corpus, const Workload& work) {
  Need need;
  for (const auto population : populations) {
    const auto p = index_of(population);
    need.disk += work.bytes[p] + work.records[p] * bytes_beside_record;
  }
  need.disk += corpus.vector_bytes;
  // What is scanned is read again by the ingest.
  need.read = 2 * corpus.stored;
  const auto in_shard = work.pool() == 0 ? 0 : corpus.vector_bytes * work.in_shard() / work.pool();
  need.memory = work.shard_bytes() + in_shard;
  need.core_seconds = static_cast<double>(need.disk) / ingest_rate;
  return need;
}

std::vector<double> shares_of(const std::vector<PlannedJob>& group) {
  std::vector<double> shares;
  for (const auto& planned : group) shares.push_back(planned.share);
  return shares;
}

class Estimator {
 public:
  Estimator(const Plan& plan, const CorpusSample& corpus, const Machine& machine, Workload work,
            const std::vector<StageRemains>& remains)
      : plan_(plan), corpus_(corpus), machine_(machine), work_(std::move(work)), remains_(remains) {}

  RunEstimate run() {
    run_.seconds = start_seconds;
    Jobs ingest;
    add("ingest", "", ingest_stage, ingest_need(corpus_, work_), true, work_, ingest);
    take(std::move(ingest));
    for (const auto& group : plan_.groups) {
      const auto jobs = static_cast<int>(group.size());
      const bool is_parallel = jobs > 1 && machine_.ranks >= jobs;
      const auto counts = is_parallel ? ranks_by_share(shares_of(group), machine_.ranks)
                                      : std::vector<int>(group.size(), machine_.ranks);
      Jobs beside;
      for (std::size_t i = 0; i < group.size(); ++i) {
        add(group[i], counts[i], beside);
        if (!is_parallel) take(std::exchange(beside, {}));
      }
      take(std::move(beside));
    }
    finish();
    return std::move(run_);
  }

 private:
  /// Jobs that run at the same time.
  using Jobs = std::vector<JobEstimate>;

  void add(const PlannedJob& planned, int ranks, Jobs& beside) {
    if (const auto* knowing = dynamic_cast<const KnowsItsNeed*>(planned.job.get())) {
      const auto width = knowing->vector_width();
      for (const auto& column : planned.job->writes()) {
        if (column.kind == ColumnSpec::Kind::vector && width > 0) work_.widths[column.name] = width;
      }
    }
    const auto work = work_of(planned, ranks);
    add(planned.name, planned.job->as(), planned.stage, need_of(*planned.job, work), planned.shard_job() != nullptr,
        work, beside);
  }

  /// Without the records that are nothing to the job.
  Workload work_of(const PlannedJob& planned, int ranks) const {
    auto work = work_;
    work.ranks = ranks;
    work.ranks_per_node = std::min(ranks, machine_.ranks_per_node);
    for (const auto population : {Population::curated, Population::labelled}) {
      const auto p = index_of(population);
      if (!planned.treats[p] && !uses(*planned.job, population)) work.records[p] = work.bytes[p] = 0;
    }
    return work;
  }

  void add(const std::string& job, const std::string& as, std::size_t stage, const Need& need, bool makes_shards,
           const Workload& work, Jobs& beside) const {
    const auto remains = stage < remains_.size() ? remains_[stage] : StageRemains{};
    if (remains.is_done) return;
    JobEstimate estimate;
    estimate.job = job;
    estimate.as = as;
    estimate.ranks = work.ranks;
    estimate.records = work.pool();
    estimate.bytes = work.bytes[index_of(Population::pool)];
    estimate.tokens = need.tokens;
    // A shard's records as they are read and as they are written.
    estimate.memory = machine_.program + (need.uses_models ? machine_.library : 0) + bytes_of_buffers +
                      (machine_.ranks > 1 ? bytes_of_mpi : 0) + 2 * work.shard_bytes() + need.memory;
    estimate.shared_memory = std::min(need.shared_memory, need.memory);
    estimate.disk = need.disk + (makes_shards ? shards_of(work) * bytes_of_file : 0);
    estimate.disk -= std::min(estimate.disk, remains.bytes);
    add_time(need, makes_shards, work, estimate);
    beside.push_back(std::move(estimate));
  }

  void add_time(const Need& need, bool makes_shards, const Workload& work, JobEstimate& estimate) const {
    const double ranks = work.ranks;
    const double nodes = std::max(1.0, ranks / machine_.ranks_per_node);
    // Shards are dealt whole: the rank with most decides.
    const double share = makes_shards && work.pool() > 0
                             ? static_cast<double>(work.records_of_rank()) / static_cast<double>(work.pool())
                             : 1 / ranks;
    const bool gpu = need.on_gpu && machine_.gpu_flops > 0;
    const double rate = gpu ? machine_.gpu_flops : machine_.core_flops * machine_.threads;
    const double computing = (rate > 0 ? need.flops * share / rate : 0) +
                             need.core_seconds * share / (machine_.core_speed * machine_.threads);
    const double files = static_cast<double>(need.read + need.disk) / (machine_.file_bandwidth * nodes);
    const double communication = ranks > 1 ? static_cast<double>(need.sent) / machine_.link_bandwidth : 0;
    // Reading, computing and writing of one shard follow each other.
    estimate.seconds = computing + files + communication;
    estimate.limited_by = computing >= std::max(files, communication) ? "computing"
                          : files >= communication                    ? "files"
                                                                      : "communication";
  }

  /// Takes jobs that run at the same time into the run.
  void take(Jobs jobs) {
    if (jobs.empty()) return;
    std::vector<GroupPart> parts;
    for (const auto& job : jobs) parts.push_back({job.ranks, job.memory, job.shared_memory});
    const auto node = fullest_node(parts, machine_.ranks_per_node);
    double seconds = 0;
    for (auto& job : jobs) {
      job.node_memory = node;
      run_.memory = std::max(run_.memory, job.memory);
      run_.disk += job.disk;
      seconds = std::max(seconds, job.seconds);
      if (job.seconds > slowest_) {
        slowest_ = job.seconds;
        run_.limited_by = job.limited_by;
      }
      if (machine_.disk > 0 && run_.disk > machine_.disk) job.limited_by = "disk";
      if (machine_.memory > 0 && node > machine_.memory) job.limited_by = "memory";
      run_.jobs.push_back(std::move(job));
    }
    run_.seconds += seconds;
    run_.node_memory = std::max(run_.node_memory, node);
  }

  void finish() {
    run_.memory_fits = machine_.memory == 0 || run_.node_memory <= machine_.memory;
    run_.disk_fits = machine_.disk == 0 || run_.disk <= machine_.disk;
    if (!run_.disk_fits) run_.limited_by = "disk";
    if (!run_.memory_fits) run_.limited_by = "memory";
  }

  const Plan& plan_;
  const CorpusSample& corpus_;
  const Machine& machine_;
  Workload work_;  // of all ranks, with all records
  const std::vector<StageRemains>& remains_;
  double slowest_ = -1;  // seconds of the slowest job so far
  RunEstimate run_;
};

Workload workload_of(const Config& config, const CorpusSample& corpus, const Machine& machine) {
  Workload work;
  work.ranks = machine.ranks;
  work.ranks_per_node = machine.ranks_per_node;
  work.threads = machine.threads;
  work.records = corpus.records;
  work.bytes = corpus.bytes;
  // Of vectors only, the record says no more than its number.
  auto& pool = work.bytes[index_of(Population::pool)];
  pool -= std::min(pool, corpus.vector_bytes);
  if (corpus.texts.empty()) pool = work.pool() * bytes_of_vector_record;
  work.shard_records = config.corpus.shard_records;
  work.widths = corpus.widths;
  work.sample = corpus.texts;
  work.counts_tokens = machine.counts_tokens;
  work.gpu = machine.gpu_flops > 0;
  return work;
}

bool memory_fits(const Plan& plan, const Config& config, const CorpusSample& corpus, Machine machine) {
  machine.counts_tokens = false;
  return estimate_run(plan, config, corpus, machine).memory_fits;
}

}  // namespace

std::vector<StageRemains> remains_of(const RunFolder& folder, const Plan& plan) {
  const auto look_at = [&](const std::string& name) {
    StageRemains remains;
    const auto stage = folder.stage(name);
    std::error_code error;
    remains.is_done = std::filesystem::exists(record_of_stage(stage), error);
    for (std::filesystem::directory_iterator at(stage, error), end; !error && at != end; at.increment(error)) {
      std::error_code gone;
      const auto size = at->file_size(gone);
      if (!gone) remains.bytes += size;
    }
    return remains;
  };
  std::vector<StageRemains> stages{look_at("00-ingest")};
  for (const auto& group : plan.groups) {
    for (const auto& planned : group) {
      stages.resize(std::max(stages.size(), planned.stage + 1));
      stages[planned.stage] = look_at(planned.folder());
    }
  }
  return stages;
}

std::uint64_t fullest_node(const std::vector<GroupPart>& parts, int ranks_per_node) {
  int ranks = 0;
  for (const auto& part : parts) ranks += part.ranks;
  std::uint64_t fullest = 0;
  for (int begin = 0; begin < ranks; begin += ranks_per_node) {
    std::uint64_t node = 0;
    int first = 0;
    for (const auto& part : parts) {
      const int here = std::min(first + part.ranks, begin + ranks_per_node) - std::max(first, begin);
      first += part.ranks;
      if (here > 0) node += static_cast<std::uint64_t>(here) * (part.memory - part.shared) + part.shared;
    }
    fullest = std::max(fullest, node);
  }
  return fullest;
}

RunEstimate estimate_run(const Plan& plan, const Config& config, const CorpusSample& corpus, const Machine& machine,
                         const std::vector<StageRemains>& remains) {
  return Estimator(plan, corpus, machine, workload_of(config, corpus, machine), remains).run();
}

int fitting_ranks_per_node(const Plan& plan, const Config& config, const CorpusSample& corpus, Machine machine,
                           int most) {
  const int nodes = std::max(1, (machine.ranks + machine.ranks_per_node - 1) / machine.ranks_per_node);
  // A node needs more with each rank.
  int fitting = 0;
  for (int failing = most + 1; failing - fitting > 1;) {
    const int ranks = fitting + (failing - fitting) / 2;
    machine.ranks_per_node = ranks;
    machine.ranks = ranks * nodes;
    (memory_fits(plan, config, corpus, machine) ? fitting : failing) = ranks;
  }
  return fitting;
}

int fitting_nodes(const Plan& plan, const Config& config, const CorpusSample& corpus, Machine machine) {
  for (int nodes = 1; nodes <= most_nodes; nodes *= 2) {
    machine.ranks = nodes * machine.ranks_per_node;
    if (memory_fits(plan, config, corpus, machine)) return nodes;
  }
  return 0;
}

}  // namespace farpoint::pipeline
