// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/serialization/map.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/utility.hpp>
#include <boost/serialization/vector.hpp>

#include <string>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/pipeline/plan.hpp"
#include "farpoint/pipeline/run_folder.hpp"
#include "farpoint/pipeline/stage.hpp"
#include "farpoint/pipeline/stage_data.hpp"
#include "farpoint/pipeline/summary.hpp"
#include "file_hashes.hpp"

namespace farpoint::pipeline {

/// Where a job works.
struct JobEnvironment {
  comm::Communicator& comm;
  const Data& data;  ///< with this job's own stage already in it
  const RunFolder& folder;
  const Plan& plan;
  const Config& config;
  StopPoints& stops;          ///< of the ranks of `comm`
  int node_rank = 0;          ///< of this rank, among all of the run on its node
  const RunSummary& summary;  ///< of the jobs so far
};

/// What a job leaves behind for the runner.
struct JobOutcome {
  JobSummary summary;
  std::vector<std::pair<std::uint8_t, std::string>> reject_files;  ///< population and file
  std::vector<std::uint64_t> staying;                              ///< as StageTally has them; none of collective jobs

  template <typename Archive>
  void serialize(Archive& archive, unsigned) {
    archive& summary& reject_files& staying;
  }
};

/// The stage's entry for Data: its folder, and the keys of its shards or of its job. `data` holds the stages before it.
/// `hashes` are kept from stage to stage. Collective.
StageData plan_stage(comm::Communicator& comm, const PlannedJob& planned, const Data& data, const RunFolder& folder,
                     const Plan& plan, std::uint64_t seed, FileHashes& hashes);

/// Adds what became of the curated and the labelled records to a job's counters.
void count_other_records(const StageTally& tally, JobSummary& summary);

JobOutcome run_shard_job(const JobEnvironment& environment, const PlannedJob& planned);
JobOutcome run_collective_job(const JobEnvironment& environment, const PlannedJob& planned);

}  // namespace farpoint::pipeline
