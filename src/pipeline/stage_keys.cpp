// SPDX-License-Identifier: Apache-2.0
#include "job_runner.hpp"

namespace farpoint::pipeline {

namespace {

/// The stages that a job's shard of this population depends on.
std::vector<std::size_t> inputs(const PlannedJob& planned, const Data& data, Population population) {
  std::vector<std::size_t> stages{ids_stage(planned, population)};
  if (planned.job->reads_text()) {
    stages.push_back(ingest_stage);
    const auto rewriting = rewriting_stages(planned, data, population);
    stages.insert(stages.end(), rewriting.begin(), rewriting.end());
  }
  const auto& columns = planned.column_from[static_cast<std::size_t>(population)];
  for (const auto& name : planned.job->reads()) {
    if (const auto column = columns.find(name); column != columns.end()) stages.push_back(column->second);
  }
  return stages;
}

void add_shards(Hasher& hasher, const StageData& stage, Population population) {
  for (const auto& key : stage.keys[static_cast<std::size_t>(population)]) hasher.add(key);
}

Hash128 shard_key(const Hash128& job, const PlannedJob& planned, const Data& data, Population population,
                  std::size_t shard) {
  Hasher hasher;
  hasher.add(job);
  for (const auto stage : inputs(planned, data, population)) {
    hasher.add(data.stages[stage].keys[static_cast<std::size_t>(population)].at(shard));
  }
  return hasher.digest();
}

/// What depends on the curated or labelled records depends on each of their shards.
void add_other_records(Hasher& hasher, const PlannedJob& planned, const Data& data) {
  for (const auto population : {Population::curated, Population::labelled}) {
    if (!uses(*planned.job, population)) continue;
    add_shards(hasher, data.stages[ingest_stage], population);
    for (const auto stage : inputs(planned, data, population)) add_shards(hasher, data.stages[stage], population);
  }
}

/// The job that makes the subset also writes each record's numbers into it, whether it reads them or not.
void add_scores(Hasher& hasher, const PlannedJob& planned, const Data& data) {
  for (const auto& column : planned.columns) {
    const auto stage = planned.column_from[0].find(column.name);
    if (column.kind != ColumnSpec::Kind::scalar || stage == planned.column_from[0].end()) continue;
    hasher.add(column.name);
    add_shards(hasher, data.stages[stage->second], Population::pool);
  }
}

/// Jobs on the subset depend on how it was made.
void add_subset(Hasher& hasher, const PlannedJob& planned, const Data& data, const Plan& plan) {
  for (const auto* other : plan.jobs()) {
    const auto* job = other->collective_job();
    if (other->stage < planned.stage && job != nullptr && job->makes_subset())
      hasher.add(data.stages[other->stage].key);
  }
}

/// What the stages before did to the records shows in their shards, and their names in what is said of it.
void add_history(Hasher& hasher, const PlannedJob& planned, const Data& data) {
  for (const auto stage : planned.changed_by) {
    hasher.add(data.stages[stage].folder.filename().string());
    add_shards(hasher, data.stages[stage], Population::pool);
  }
}

/// Of the pool, `job` holds the ids, the texts and the columns that are read.
Hash128 collective_key(const Hash128& job, const PlannedJob& planned, const Data& data, const Plan& plan) {
  const auto& collective = dynamic_cast<const CollectiveJob&>(*planned.job);
  Hasher hasher;
  hasher.add(job);
  // Any of them may write records out.
  add_shards(hasher, data.stages[ingest_stage], Population::pool);
  for (const auto stage : planned.rewritten_by) add_shards(hasher, data.stages[stage], Population::pool);
  add_other_records(hasher, planned, data);
  if (collective.makes_subset()) add_scores(hasher, planned, data);
  if (collective.follows_subset()) add_subset(hasher, planned, data, plan);
  if (collective.reads_history()) add_history(hasher, planned, data);
  return hasher.digest();
}

/// Hash of a job's options and of everything that all of its shards depend on.
Hash128 job_key(comm::Communicator& comm, const PlannedJob& planned, const Data& data, std::uint64_t seed,
                FileHashes& hashes) {
  const auto& job = *planned.job;
  Hasher hasher;
  hasher.add(planned.name).add(job.version()).add(to_yaml(job.options(true)));
  if (job.uses_seed()) hasher.add(seed);
  for (const auto& file : job.model_files()) hasher.add(hashes.of(comm, file));
  if (const auto* shard_job = planned.shard_job()) {
    for (const auto& index : scan_files(comm, shard_job->files())) hasher.add(index.fingerprint(0, index.records()));
    add_other_records(hasher, planned, data);
    if (!shard_job->needs_preparation() || !shard_job->prepares_from_pool()) return hasher.digest();
  }
  // What depends on the whole pool depends on each of its shards.
  for (std::size_t shard = 0; shard < data.sets[0].shards(); ++shard) {
    for (const auto stage : inputs(planned, data, Population::pool)) hasher.add(data.stages[stage].keys[0].at(shard));
  }
  return hasher.digest();
}

}  // namespace

StageData plan_stage(comm::Communicator& comm, const PlannedJob& planned, const Data& data, const RunFolder& folder,
                     const Plan& plan, std::uint64_t seed, FileHashes& hashes) {
  StageData stage{folder.stage(planned.folder()), {}, job_key(comm, planned, data, seed, hashes)};
  if (planned.shard_job() == nullptr) {
    stage.key = collective_key(stage.key, planned, data, plan);
    return stage;
  }
  for (const auto population : populations) {
    if (!planned.treats[index_of(population)]) continue;
    auto& keys = stage.keys[static_cast<std::size_t>(population)];
    for (std::size_t shard = 0; shard < data.set(population).shards(); ++shard) {
      keys.push_back(shard_key(stage.key, planned, data, population, shard));
    }
  }
  return stage;
}

}  // namespace farpoint::pipeline
