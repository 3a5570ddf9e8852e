// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "commands.hpp"
#include "farpoint/pipeline/plan.hpp"
#include "farpoint/pipeline/runner.hpp"

namespace farpoint::cli {

struct Loaded {
  pipeline::Config config;
  pipeline::Plan plan;
};

/// Rank 0 reads the file for all. Throws UsageError, the same on all ranks, that names everything which is wrong with
/// the configuration, and where there is something, the inputs that are missing, too. `found`: gets the same as a list,
/// on rank 0. Collective.
Loaded load(comm::Communicator& comm, const RunArguments& arguments, std::vector<pipeline::Problem>* found = nullptr);

/// resolve_corpus() that names every source which cannot be used, with its place in the configuration. Collective.
pipeline::CorpusFiles find_inputs(comm::Communicator& comm, const RunArguments& arguments, const Loaded& loaded,
                                  std::vector<pipeline::Problem>* found = nullptr);

}  // namespace farpoint::cli
