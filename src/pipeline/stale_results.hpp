// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "farpoint/pipeline/plan.hpp"
#include "farpoint/pipeline/run_folder.hpp"
#include "farpoint/pipeline/stage_data.hpp"

namespace farpoint::pipeline {

struct Staleness {
  bool fresh = false;    ///< nothing of earlier runs counts
  bool is_part = false;  ///< the plan ends before the pipeline does (--until)
};

/// Takes their names from results of earlier runs that this one's keys do not lead to: the records of such stages, the
/// files that such collective jobs say are theirs and that are still as they left them, and subset.h5. Shards stay:
/// each is looked at when its turn comes. One process calls it, before the run changes anything else.
void drop_stale_results(const RunFolder& folder, const Data& data, const Plan& plan, const Staleness& how);

}  // namespace farpoint::pipeline
