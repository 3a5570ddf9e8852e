// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <vector>

#include "farpoint/base/hash.hpp"
#include "farpoint/pipeline/job.hpp"
#include "farpoint/pipeline/plan.hpp"
#include "farpoint/pipeline/record_set.hpp"
#include "farpoint/pipeline/text_sizes.hpp"
#include "farpoint/store/shard_file.hpp"

namespace farpoint::pipeline {

/// The files of one stage and the keys under which they were made.
struct StageData {
  std::filesystem::path folder;
  ByPopulation<std::vector<Hash128>> keys;  ///< by population and shard; empty where the stage has no files
  Hash128 key;                              ///< of the job: what all its shards depend on, or its one result
  std::vector<std::uint64_t> staying = {};  ///< records of the pool behind it, by shard, once this run has its shards
};

/// Everything that lies on disk for the jobs to read: the record sets, and the stages by number. The same on all ranks.
struct Data {
  ByPopulation<RecordSet> sets;  ///< by population
  ByPopulation<std::vector<corpus::SourceSpec>> specs;
  std::vector<StageData> stages;
  ByPopulation<std::vector<TextSizes>> sizes;  ///< by population and shard, once a run's ingest is complete

  const RecordSet& set(Population population) const { return sets[static_cast<std::size_t>(population)]; }
  /// Hash of the pool's records and of what the ingest options made of them.
  Hash128 pool_hash() const;
};

/// The stage that removed records last before `job`, for a population (only the pool loses records to jobs).
std::size_t ids_stage(const PlannedJob& job, Population population);

/// The stages before `job` that have changed texts of this population, in order.
std::vector<std::size_t> rewriting_stages(const PlannedJob& job, const Data& data, Population population);

/// A shard as `job` sees it.
std::unique_ptr<Shard> open_shard(const Data& data, const PlannedJob& job, Population population, std::size_t shard);

/// Opens a shard file of a stage. Throws what ShardFile does, and DamagedFile when columns that tell of the same
/// records are not of one length, so whoever reads them need not ask.
store::ShardFile open_shard_file(const std::filesystem::path& path);

/// The same for the file of a shard. Throws UsageError naming it when it is not the one that belongs to the stage as it
/// is now: what a later run has made of a neighbouring stage must not be read beside it.
store::ShardFile open_shard_file(const StageData& stage, const RecordSet& set, std::size_t shard);

/// What the job of a stage did to the records of a shard of the pool, as its file says.
ShardChanges read_changes(const Data& data, const PlannedJob& planned, std::size_t shard);

/// The name of each record's source, from a shard file of the ingest.
store::Strings source_names(const store::ShardFile& ingest);

}  // namespace farpoint::pipeline
