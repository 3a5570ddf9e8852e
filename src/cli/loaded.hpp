// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "commands.hpp"
#include "farpoint/pipeline/plan.hpp"

namespace farpoint::cli {

struct Loaded {
  pipeline::Config config;
  pipeline::Plan plan;
};

/// Rank 0 reads the file for all. Throws UsageError, the same on all ranks. Collective.
Loaded load(comm::Communicator& comm, const RunArguments& arguments);

}  // namespace farpoint::cli
