// SPDX-License-Identifier: Apache-2.0
// jobs/report/removals.hpp: which records left the pipeline where, and why.
#pragma once

#include "excerpts.hpp"

namespace farpoint::jobs {

struct Removals {
  Json funnel = Json::array();   ///< each job with the records that came and went
  Json removed = Json::array();  ///< each rule that removed records, with examples
  Json duplicates;               ///< records that left as copies, and the largest clusters; null without dedup
};

/// On rank 0; elsewhere nothing. Reads the ids of each stage that removed records, and the texts of the examples.
/// Collective.
Removals find_removals(pipeline::JobContext& context, std::size_t examples);

}  // namespace farpoint::jobs
