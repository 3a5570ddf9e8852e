// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "farpoint/pipeline/job.hpp"
#include "farpoint/select/k_center.hpp"

namespace farpoint::jobs {

struct CandidateRules {
  select::Metric metric = select::Metric::cosine;
  bool unit_length = false;  ///< the column's rows are normalised already
  bool normalize = true;     ///< bring rows to unit length where the metric is cosine
};

/// This rank's records that can be selected.
struct Candidates {
  std::vector<std::uint64_t> ids;  ///< ascending
  std::vector<float> rows;         ///< [ids, width]
  std::size_t width = 0;           ///< the same on all ranks
  std::uint64_t rejected = 0;      ///< over all ranks: vectors that are no place (no_direction)

  select::Vectors view() const { return {rows, ids, width}; }
};

/// Loads the ids, and the vectors when a column is named. Those of the pool without a direction are rejected by id.
/// Throws Error on all ranks, with the numbers, before loading what does not fit in memory; AgreedError when no curated
/// record is left. Collective.
Candidates load_candidates(pipeline::JobContext& context, pipeline::Population population, const std::string& column,
                           const CandidateRules& rules);

}  // namespace farpoint::jobs
