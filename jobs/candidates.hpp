// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "farpoint/pipeline/job.hpp"
#include "farpoint/select/k_center.hpp"

namespace farpoint::jobs {

struct CandidateRules {
  select::Metric metric = select::Metric::cosine;
  bool unit_length = false;  ///< the column's rows are normalised already
  bool k_center = true;      ///< what comes next: rows get unit length where the metric is cosine
  // for the memory that it will need then
  std::optional<std::uint64_t> records;  ///< the budget
  std::optional<double> fraction;        ///< or this share of the candidates
  bool from_curated = false;
  std::uint64_t pool_size = 0;
};

/// How many records a budget is; nothing when it has no number of them.
std::optional<std::uint64_t> record_budget(const CandidateRules& rules, std::uint64_t candidates);

/// This rank's records that can be selected.
struct Candidates {
  std::vector<std::uint64_t> ids;  ///< ascending
  std::vector<float> rows;         ///< [ids, width]
  std::size_t width = 0;           ///< the same on all ranks
  std::uint64_t rejected = 0;      ///< over all ranks: vectors that are no place (no_direction)

  select::Vectors view() const { return {rows, ids, width}; }
};

/// Loads the ids, and the vectors when a column is named. Those of the pool without a direction are rejected by id.
/// Throws Error on all ranks, with the numbers, before loading what does not fit in memory, with the selection's own;
/// AgreedError when no curated record is left. Collective.
Candidates load_candidates(pipeline::JobContext& context, pipeline::Population population, const std::string& column,
                           const CandidateRules& rules);

}  // namespace farpoint::jobs
