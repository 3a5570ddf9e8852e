// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "farpoint/pipeline/plan.hpp"
#include "farpoint/pipeline/run_folder.hpp"
#include "farpoint/pipeline/stage_data.hpp"

namespace farpoint::pipeline {

/// Takes their names from results of earlier runs that this one's keys do not lead to: the records of such stages, the
/// files of such collective jobs, and subset.h5 when this run is to make another or none. Shards stay: each is looked
/// at when its turn comes. One process calls it, before the run changes anything else. `is_part`: the plan ends before
/// the pipeline does (--until).
void drop_stale_results(const RunFolder& folder, const Data& data, const Plan& plan, bool is_part);

}  // namespace farpoint::pipeline
