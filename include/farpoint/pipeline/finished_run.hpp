// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "farpoint/pipeline/plan.hpp"
#include "farpoint/pipeline/run_folder.hpp"
#include "farpoint/pipeline/stage_data.hpp"
#include "farpoint/pipeline/summary.hpp"

namespace farpoint::pipeline {

/// What happened to one record of the pool.
struct RecordHistory {
  std::uint64_t id = 0;
  std::string source;
  std::string file;
  std::uint64_t line = 0;
  std::string record;  ///< its JSON text as it came in; empty when the ingest refused it

  struct Step {
    std::string stage;                                        ///< "02-clean"
    std::vector<std::pair<std::string, std::string>> trace;   ///< rules that acted, and what they saw
    std::optional<std::string> rewritten;                     ///< its text behind the stage, where that changed it
    std::vector<std::pair<std::string, std::string>> values;  ///< what the stage found out about it, by column
    bool left = false;                                        ///< it is not in the pipeline any more
  };
  std::vector<Step> steps;  ///< the stages that it came to, up to where it left
};

/// A run's folder, opened for reading by the commands that come after the run.
class FinishedRun {
 public:
  /// Throws UsageError naming the folder when it is not one of a run, or one that has not come as far as its ingest.
  FinishedRun(const std::filesystem::path& folder, const JobTypes& types);

  const RunFolder& folder() const { return folder_; }
  const Config& config() const { return config_; }
  const Plan& plan() const { return plan_; }
  /// True when the pipeline has a select.
  bool selects() const;
  /// True when that has left subset.h5, and it is still the same file.
  bool has_subset() const;

  /// The pool's shards in order of id, with the records that are left at the end of the pipeline.
  void for_each_shard(const std::function<void(const Shard&)>& visit) const;

  /// The ids of a shard's records behind the ingest, and the values of columns for them: nothing where a record has
  /// none, because it had left before the column was made.
  struct Rows {
    std::vector<std::uint64_t> ids;
    std::vector<store::Column> columns;                       ///< in the order asked for
    std::vector<std::vector<std::optional<std::size_t>>> at;  ///< by column and row of `ids`: row of the column
  };
  std::size_t shards() const { return data_.sets[0].shards(); }
  /// Columns are those of the plan, and `source` (its name), `source_index` and `line` of the ingest. Throws UsageError
  /// when there is no such column, and naming the shard file when its stage is not finished or the file is not what the
  /// run made.
  Rows rows(std::size_t shard, const std::vector<std::string>& columns) const;
  /// Changes when anything does that the column's values depend on: columns of two runs with the same hash hold the
  /// same. Throws UsageError when there is no such column.
  std::string column_hash(const std::string& column) const;

  /// Does a collective job behind the pipeline's last one, as if it stood there; what it leaves behind is not kept by
  /// later runs. `name` stands in its progress line. Throws UsageError when the run is not finished: it
  /// has no summary.json. Collective over `comm`, each rank with a FinishedRun of the same folder.
  JobResult run_behind(comm::Communicator& comm, std::unique_ptr<CollectiveJob> job, const std::string& name) const;
  /// summary.json and times.jsonl. Throws UsageError when the run is not finished.
  RunSummary summary() const;

  /// Throws UsageError when the pool has no record of this id.
  RecordHistory history(std::uint64_t id) const;

 private:
  void add_stage(const std::string& name);
  std::optional<std::size_t> select_stage() const;
  /// Throws UsageError with a suggestion when there is no such column.
  std::size_t stage_of(const std::string& column) const;

  RunFolder folder_;
  Config config_;
  Plan plan_;
  Data data_;
};

}  // namespace farpoint::pipeline
