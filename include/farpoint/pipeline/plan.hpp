// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "farpoint/pipeline/job.hpp"

namespace farpoint::pipeline {

/// Number of the stage that reads the corpus; the pipeline's jobs follow from 1.
constexpr std::size_t ingest_stage = 0;

struct PlannedJob {
  std::size_t stage = 0;
  std::string name;
  std::unique_ptr<Job> job;
  Place place;
  double share = 1;
  std::size_t ids_from = ingest_stage;                           ///< the last stage before it that removed records
  std::vector<std::size_t> rewritten_by;                         ///< the stages before it that changed texts, in order
  std::vector<std::size_t> changed_by;                           ///< those that did either, in order
  ByPopulation<std::map<std::string, std::size_t>> column_from;  ///< by population: columns that exist, their stage
  std::vector<ColumnSpec> columns;                               ///< the same with their kinds, one entry a name
  ByPopulation<bool> treats{true, false, false};                 ///< the populations that it makes shards of

  /// The job as what it is; null when it is of the other kind.
  const ShardJob* shard_job() const { return dynamic_cast<const ShardJob*>(job.get()); }
  const CollectiveJob* collective_job() const { return dynamic_cast<const CollectiveJob*>(job.get()); }

  /// "03-embed-emb"
  std::string folder() const;
};

/// The pipeline with every name resolved. A group of more than one job runs in parallel.
struct Plan {
  std::vector<std::vector<PlannedJob>> groups;
  /// What --until has left out, as far as it can be planned: it does not run, but its stages are still the pipeline's.
  std::vector<std::vector<PlannedJob>> later;
  /// What a job behind the last one would see; it has no job itself.
  PlannedJob end;
  /// The configuration with every default written out, as YAML.
  std::string resolved;

  /// Of `groups` and `later`; null when there is none.
  const PlannedJob* find(std::size_t stage) const;
  /// All jobs of `groups` and `later` in order.
  std::vector<const PlannedJob*> jobs() const;
};

/// True when the job's results depend on this population beside the pool.
bool uses(const Job& job, Population population);

/// Makes the jobs and checks their order: unknown jobs and columns, columns and files written twice, jobs that cannot
/// stand where they stand. Throws ConfigError with place and suggestion. `until`: the first job of this name ends
/// `groups` (UsageError when there is none).
Plan make_plan(const Config& config, const JobTypes& types, const std::string& until = "");

}  // namespace farpoint::pipeline
