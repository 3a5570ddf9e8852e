// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/pipeline/config.hpp"
#include "farpoint/pipeline/plan.hpp"
#include "farpoint/pipeline/summary.hpp"

namespace farpoint::pipeline {

struct RunRequest {
  bool fresh = false;             ///< start over instead of keeping what is finished
  std::optional<double> seconds;  ///< then it stops at the next place from which it can go on; unset: no limit
};

/// The corpus' files by population.
using CorpusFiles = ByPopulation<std::vector<corpus::InputFile>>;

/// Resolves the corpus' sources on rank 0 and shares the list. Throws UsageError, the same on all ranks, naming the
/// source or the vector file that cannot be used. Collective.
CorpusFiles resolve_corpus(comm::Communicator& comm, const Config& config);

/// Runs the plan in the folder config.run.output: ingest, the jobs, rejects.jsonl, summary.json. Finished shards are
/// kept when nothing they depend on has changed. `files` as from resolve_corpus(): a mistyped path must not cost the
/// results that are in the folder, so the input is known before. Collective; the summary is complete on rank 0. Throws
/// UsageError when another run holds the folder, Error when the share of rejected records is too large, and on all
/// ranks an AgreedError with ExitCode::stopped when it was to stop (stop.hpp): the same call goes on from there.
RunSummary run_pipeline(comm::Communicator& comm, const Config& config, const Plan& plan, CorpusFiles files,
                        const RunRequest& request);

}  // namespace farpoint::pipeline
