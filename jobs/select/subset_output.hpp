// SPDX-License-Identifier: Apache-2.0
// jobs/select/subset_output.hpp: subset.h5.
#pragma once

#include <vector>

#include "candidates.hpp"
#include "farpoint/pipeline/job.hpp"
#include "farpoint/select/assignment.hpp"
#include "farpoint/select/coverage.hpp"
#include "methods.hpp"

namespace farpoint::jobs {

/// What becomes a subset file. Borrowed.
struct SubsetContent {
  const SelectOptions& options;
  const LoadedCandidates& candidates;
  const Selection& chosen;
  const select::Assignment* assignment = nullptr;  ///< null: was not asked for, or there are no vectors
  const std::vector<select::CurvePoint>& curve;    ///< empty without vectors
};

/// Writes subset.h5 (docs/formats.md, "Subset file") on rank 0. Each rank holds the texts of its own chosen records;
/// rank 0 never holds more than a block. Collective.
void write_subset(pipeline::JobContext& context, const SubsetContent& content);

}  // namespace farpoint::jobs
