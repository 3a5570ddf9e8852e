// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/corpus/record.hpp"
#include "farpoint/corpus/source.hpp"
#include "farpoint/pipeline/config.hpp"
#include "farpoint/pipeline/population.hpp"
#include "farpoint/store/column.hpp"

/// What a job is. A job knows its options, the columns it reads and writes, and one call into the layers; ranks, files,
/// restart and progress are the runner's (runner.hpp). How to add one: CONTRIBUTING.md.
namespace farpoint::pipeline {

class StopPoints;   // stop.hpp
struct RunSummary;  // summary.hpp

/// A column that a job writes, for each record that it treats.
struct ColumnSpec {
  /// scalar: a float64 number. vector: a row of float32 numbers. id: the id of a record (uint64), which is no score.
  enum class Kind { scalar, vector, id };
  std::string name;
  Kind kind = Kind::scalar;
  bool unit_length = false;  ///< a vector column whose rows are L2-normalised as the contract says
  bool in_pool = true;
  bool in_curated = false;
  bool in_labelled = false;
  /// The same of the curated records' rows, which may come from elsewhere than the pool's. Set by the plan.
  bool curated_unit_length = false;
};

/// A record that leaves for a fault; becomes a line of rejects.jsonl.
struct Reject {
  std::uint64_t id = 0;
  std::string reason;
};

/// Where a column of float32 vectors lies on disk, for what reads single rows again and again.
struct ColumnPlace {
  std::filesystem::path file;
  std::uint64_t offset = 0;         ///< of the first row, in bytes
  std::vector<std::uint32_t> rows;  ///< the row of each of the shard's ids
};

/// What a job sees of one shard: the records that are still in the pipeline, in order of id. Loads what is asked for;
/// what it returns by reference or span lives as long as the shard. Throws Error naming the file where that cannot be
/// read. Not thread-safe.
class Shard {
 public:
  virtual ~Shard() = default;
  virtual Population population() const = 0;
  virtual std::span<const std::uint64_t> ids() const = 0;
  /// A column that an earlier job wrote, one row for each of ids().
  virtual const store::Column& column(const std::string& name) const = 0;
  virtual ColumnPlace place_of(const std::string& name) const = 0;
  /// The records' JSON texts.
  virtual const store::Strings& records() const = 0;
  /// Index of each record's source in the configuration's list.
  virtual std::span<const std::uint32_t> sources() const = 0;
  /// Name of each record's source.
  virtual store::Strings source_names() const = 0;
  /// Where each record begins in its file: the line, from 1.
  virtual std::span<const std::uint64_t> lines() const = 0;
  /// A view of each record's text. Records without text (vectors only) have an empty one.
  virtual store::Strings texts(corpus::TextView view) const = 0;
  /// Calls visit(row, record) for each record, parsed; those without text (vectors only) have no turns.
  virtual void for_each_record(const std::function<void(std::size_t row, const corpus::Record&)>& visit) const = 0;
  /// The same for some rows of ids().
  virtual void for_records(std::span<const std::size_t> rows,
                           const std::function<void(std::size_t row, const corpus::Record&)>& visit) const = 0;
};

/// What a job did to a record and why, for people who ask: `farpoint inspect RUN --record ID`.
struct TraceEntry {
  std::uint64_t id = 0;
  std::string rule;    ///< the option that acted
  std::string detail;  ///< what it saw, such as "0.42 of the lines are copies, more than 0.3"
};

/// Records that a job has changed: the jobs behind it read these texts.
struct Rewrites {
  std::vector<std::uint64_t> ids;  ///< ascending
  store::Strings records;          ///< their whole JSON texts
};

struct ShardResult {
  std::vector<store::Column> columns;              ///< one row for each of the shard's ids, in their order
  std::optional<std::vector<std::uint64_t>> kept;  ///< the ids that go on; unset: all
  std::vector<Reject> rejects;                     ///< those of the removed that left for a fault
  Rewrites rewrites;                               ///< only of jobs that rewrite_records()
  std::vector<TraceEntry> trace;                   ///< ascending by id, any number for each
  std::uint64_t failed = 0;                        ///< records without a result (NaN); they go on all the same
  std::map<std::string, std::uint64_t> counters;
  std::uint64_t units = 0;  ///< work done, in Job::unit()
};

/// A stage that may have removed records of the pool, or changed their texts.
struct PastStage {
  std::size_t stage = 0;  ///< its number in the pipeline
  std::string name;       ///< as its folder is called: "02-dedup-duplicate_of"
  std::string job;        ///< "dedup"
};

/// What a stage did to the records of one shard.
struct ShardChanges {
  /// Ascending, one entry for each record that did not go on: the rule that refused it. Where the job left no trace of
  /// it, the reason of its reject, and where there is none either, the job's name.
  std::vector<TraceEntry> removed;
  std::vector<TraceEntry> acted;  ///< on records that went on, as the job left them; ascending, any number for each
  Rewrites rewrites;              ///< of records that went on
};

/// Passes over this rank's shards of the pool and of the curated records, and exact sums over the ranks; for what a job
/// must know about all of them before it can treat a shard.
class PoolPass {
 public:
  virtual ~PoolPass() = default;
  /// Collective, though each rank visits its own: when the run is to stop they leave it together.
  virtual void for_each_shard(Population population, const std::function<void(const Shard&)>& visit) = 0;
  void for_each_shard(const std::function<void(const Shard&)>& visit) { for_each_shard(Population::pool, visit); }
  /// All shards of a population in order of id, whoever they belong to, until `visit` returns false; for what must be
  /// done in one place.
  virtual void for_every_shard(Population population, const std::function<bool(const Shard&)>& visit) = 0;
  /// This rank's part of a sample of about `records` of the records that are left in the pipeline, or of all if there
  /// are fewer: `rows` of each shard visited. From 64 ranges of ids that are spread evenly over the pool, longer where
  /// few records are left. Which records these are depends on the pool alone, not on ranks or shards. Collective.
  virtual void for_sample(std::uint64_t records,
                          const std::function<void(const Shard&, std::span<const std::size_t> rows)>& visit) = 0;
  /// Adds the ranks' values elementwise, in place. Collective.
  virtual void sum(std::span<std::uint64_t> values) = 0;
  /// What `make` returns on rank 0, on every rank; the others do not call it. Collective.
  virtual std::vector<float> share(const std::function<std::vector<float>()>& make) = 0;
  /// The ranks that work on this job.
  virtual comm::Communicator& comm() = 0;
  virtual std::uint64_t seed() const = 0;
  /// This rank's number among all of the run on its node: which GPU it takes.
  virtual int node_rank() const = 0;
  /// Hash of everything that what is learnt depends on; part of what is kept of it in the job's folder.
  virtual std::string fingerprint() const = 0;
  /// Shown on rank 0: how far a long preparation is, in steps of its own.
  virtual void progress(std::uint64_t done, std::uint64_t total) = 0;
  /// For places where the job may end when the run is to stop: what it has kept until there is there for the next run.
  virtual StopPoints& stops() = 0;
};

class Job {
 public:
  virtual ~Job() = default;
  /// Name of its column(s), part of its stage folder's name; "" for jobs that write none.
  virtual std::string as() const { return ""; }
  /// Columns of earlier jobs; the plan refuses a configuration in which one of them does not exist.
  virtual std::vector<std::string> reads() const { return {}; }
  virtual std::vector<ColumnSpec> writes() const { return {}; }
  /// True when it asks a shard for texts or records: the pool may then not be vectors alone.
  virtual bool reads_text() const { return false; }
  /// The configuration with every default written out; `results_only`: what the results depend on.
  virtual Node options(bool results_only) const = 0;
  /// Raise it when the job's results change for the same options: finished shards are then made anew.
  virtual std::uint64_t version() const { return 1; }
  /// True when the results depend on run.seed.
  virtual bool uses_seed() const { return false; }
  /// True when the results depend on the curated records: on which there are, and on what the job reads of them.
  virtual bool uses_curated() const { return false; }
  /// The same of the labelled records.
  virtual bool uses_labelled() const { return false; }
  /// Files that the results depend on and that are no data of records, such as a model's: their bytes are hashed as
  /// they are.
  virtual std::vector<std::filesystem::path> model_files() const { return {}; }
  /// What `rate` in the summary counts: "records", "bytes", "tokens" or "picks".
  virtual std::string unit() const { return "records"; }
  /// Where it computes on this machine: "cuda" for jobs whose model runs on a GPU.
  virtual std::string device() const { return "cpu"; }
};

/// A pure function from one shard to columns. The runner hands out the shards, writes the results and keeps them. It
/// calls all functions from the rank's main thread; process() may use others by parallel_for(). What they throw ends
/// the run; what is wrong with one record is a value of NaN and counts as failed.
class ShardJob : public Job {
 public:
  virtual bool removes_records() const { return false; }
  /// True for jobs that change the records' texts.
  virtual bool rewrites_records() const { return false; }
  /// True for jobs that treat the curated records too, where those have what the job reads.
  virtual bool covers_curated() const { return false; }
  /// The same of the labelled records.
  virtual bool covers_labelled() const { return false; }
  /// Files whose content the results depend on, beside the corpus.
  virtual std::vector<corpus::InputFile> files() const { return {}; }
  /// Called with the number of records in the pool before any work. Throws Error when they do not fit this job.
  virtual void check(std::uint64_t pool_records) const { static_cast<void>(pool_records); }

  /// Jobs that must see all records first return what they learnt, the same on every rank; it is kept with the shards.
  /// use() gets it, then process() is called.
  virtual bool needs_preparation() const { return false; }
  /// False when what is learnt depends on the curated records alone: then a shard that changes leaves the others valid.
  virtual bool prepares_from_pool() const { return true; }
  virtual std::vector<store::Column> prepare(PoolPass&) { return {}; }
  virtual void use(const std::vector<store::Column>&) {}
  /// Told the job's own folder in the run before any of these; prepare() may leave files there.
  virtual void work_in(const std::filesystem::path& folder) { static_cast<void>(folder); }
  /// Numbers about what was learnt, for the job's entry in summary.json.
  virtual std::map<std::string, double> facts(const std::vector<store::Column>& prepared) const {
    static_cast<void>(prepared);
    return {};
  }
  /// What people should see of it in the job's entry in summary.json, as JSON text; "": nothing.
  virtual std::string examples(const std::vector<store::Column>& prepared) const {
    static_cast<void>(prepared);
    return "";
  }

  /// For what is too large to be there unless a shard must really be made. When any must, first prefetch() is called on
  /// one rank of each node, to bring into its memory what all its ranks will map, then load() on every rank that has
  /// shards to make. `node_rank` is the rank's number on its node: which GPU it takes. Their time is not in `rate`.
  /// When the job's shards are made, unload() makes room for the next one.
  virtual void prefetch() const {}
  virtual void load(int node_rank) { static_cast<void>(node_rank); }
  virtual void unload() {}

  virtual ShardResult process(const Shard& shard) const = 0;

  /// What a record of so many bytes costs, against others of the same job: shards are shared out by the sum.
  virtual double cost(double bytes) const { return bytes; }

  /// Told the job in the run before load(): what it should call now and then where a shard may take minutes. It throws
  /// when the run is to stop and will not wait for the shard; nothing may catch that. Any thread may call it.
  void interrupt_by(std::function<void()> check) { interrupt_ = std::move(check); }

 protected:
  /// For models::Execution; may be empty.
  const std::function<void()>& between_batches() const { return interrupt_; }

 private:
  std::function<void()> interrupt_;
};

struct JobResult {
  std::uint64_t in = 0;
  std::uint64_t out = 0;
  std::uint64_t rejected = 0;
  std::uint64_t failed = 0;
  std::map<std::string, std::uint64_t> counters;
  std::uint64_t units = 0;
  double work_seconds = 0;              ///< of it spent on `units`
  std::map<std::string, double> facts;  ///< numbers for summary.json's top level, e.g. radius
};

/// What a collective job works with. All ranks of its group call it together.
class JobContext {
 public:
  virtual ~JobContext() = default;
  virtual comm::Communicator& comm() = 0;
  /// This rank's number among all of the run on its node: which GPU it takes.
  virtual int node_rank() const = 0;
  /// This rank's shards in order of id. The same shards every time. Collective: when the run is to stop the ranks leave
  /// it together.
  virtual void for_each_shard(Population population, const std::function<void(const Shard&)>& visit) = 0;
  /// All shards of the pool in order of id, whoever they belong to; for what must be done in one place.
  virtual void for_every_shard(const std::function<void(const Shard&)>& visit) = 0;
  /// The stages before this job that may have removed records or changed texts, in order. Only for jobs that say
  /// reads_history(), as for_each_shard_before().
  virtual std::vector<PastStage> past_stages() const = 0;
  /// This rank's shards of the pool as that stage's job saw them, with what it did to their records; the same shards as
  /// for_each_shard(). Reads one shard at a time.
  virtual void for_each_shard_before(const PastStage& stage,
                                     const std::function<void(const Shard&, const ShardChanges&)>& visit) = 0;
  /// Names of the pool's sources in the order of its files, each once; also of those without a record.
  virtual std::vector<std::string> source_names() const = 0;
  /// Columns that exist at this point.
  virtual std::vector<ColumnSpec> columns() const = 0;
  virtual std::uint64_t pool_records() const = 0;
  virtual const std::filesystem::path& run_folder() const = 0;
  virtual const Config& config() const = 0;
  /// The resolved configuration as YAML.
  virtual const std::string& resolved_config() const = 0;
  /// What the jobs before this one came to; complete on rank 0. It tells of this run, not only of its results: what a
  /// job makes of it is not part of its fingerprint.
  virtual const RunSummary& summary() const = 0;
  /// Hash of everything that this job's result depends on.
  virtual std::string fingerprint() const = 0;
  /// The job's own folder in the run; what it keeps there for a later run carries the fingerprint.
  virtual const std::filesystem::path& stage_folder() const = 0;
  /// Hash of the pool's content.
  virtual std::string pool_hash() const = 0;
  /// This rank's records that leave for a fault here.
  virtual void reject(std::span<const Reject> rejects) = 0;
  /// Shown on rank 0; `total` 0: unknown.
  virtual void progress(std::uint64_t done, std::uint64_t total) = 0;
  /// For loops that run long: where the job may end when the run is to stop.
  virtual StopPoints& stops() = 0;
};

/// All ranks of the group together, data in memory.
class CollectiveJob : public Job {
 public:
  /// Files in the run folder that it leaves behind, as normal relative paths; they are complete when run() returns.
  virtual std::vector<std::string> outputs() const = 0;
  /// True for the job that makes the subset, and for those that work on it.
  virtual bool makes_subset() const { return false; }
  virtual bool follows_subset() const { return false; }
  /// True when the result depends on what every stage before it did to the records.
  virtual bool reads_history() const { return false; }
  /// The result is the same on every rank.
  virtual JobResult run(JobContext& context) = 0;
};

/// What is known when a job is made.
struct JobSetup {
  const Config* config = nullptr;
  bool subset_exists = false;       ///< a select stands before it
  std::vector<ColumnSpec> columns;  ///< written by what stands before it
  /// Set when a finished run is only read: the columns that lie in its stages. Files that the job has read may be gone
  /// by then, so it opens none for a column that is here.
  const std::vector<ColumnSpec>* finished = nullptr;
};

/// A kind of job.
struct JobType {
  std::string name;
  std::string summary;  ///< one sentence
  std::function<std::vector<FieldDoc>()> document;
  /// Null where problems are gathered (problems.hpp) and the options have some.
  std::function<std::unique_ptr<Job>(const Node& options, const JobSetup& setup)> make;
};
using JobTypes = std::vector<JobType>;

/// The type of a job class `J` with options `O`: J(O, const Node& where, const JobSetup&), which is only called with
/// options that could be read without a fault, as they stand in `where`.
template <typename J, HasFields O>
JobType job_type(std::string name, std::string summary) {
  JobType type;
  type.name = name;
  type.summary = std::move(summary);
  type.document = [] { return document<O>(); };
  type.make = [name](const Node& node, const JobSetup& setup) -> std::unique_ptr<Job> {
    const auto* problems = Problems::current();
    const auto known = problems == nullptr ? 0 : problems->count();
    auto options = decode<O>(node, name);
    if (problems != nullptr && problems->count() > known) return nullptr;
    return std::make_unique<J>(std::move(options), node, setup);
  };
  return type;
}

}  // namespace farpoint::pipeline
