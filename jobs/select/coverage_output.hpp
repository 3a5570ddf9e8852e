// SPDX-License-Identifier: Apache-2.0
// jobs/select/coverage_output.hpp: coverage.json, what a selection covers beside a random one.
#pragma once

#include <string>
#include <vector>

#include "farpoint/pipeline/job.hpp"
#include "farpoint/select/coverage.hpp"

namespace farpoint::jobs {

/// A way in which coverage is told apart: "source", or the quota's labels.
struct NamedGrouping {
  std::string by;
  std::vector<std::string> names;  ///< of its groups
};

/// Writes coverage.json into the run folder, on rank 0 (docs/coverage.md). Not collective.
void write_coverage(pipeline::JobContext& context, const select::Coverage& coverage,
                    const std::vector<NamedGrouping>& groupings, const std::vector<select::CurvePoint>& curve);

}  // namespace farpoint::jobs
