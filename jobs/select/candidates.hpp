// SPDX-License-Identifier: Apache-2.0
// jobs/select/candidates.hpp: the records that can be chosen, as one rank holds them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "farpoint/pipeline/job.hpp"
#include "farpoint/select/budget.hpp"
#include "labels.hpp"
#include "options.hpp"
#include "streamed_rows.hpp"

namespace farpoint::jobs {

/// What is known of the vector column when the job is made.
struct VectorColumn {
  bool unit_length = false;          ///< the pool's rows are normalised already
  bool curated_unit_length = false;  ///< the curated ones, which may come from a file
};

struct LoadedCandidates {
  std::vector<std::uint64_t> ids;      ///< ascending
  std::unique_ptr<StreamedRows> rows;  ///< one a record; null without a vector column
  std::size_t width = 0;               ///< of the vectors, the same on all ranks; 0 without
  std::vector<double> values;          ///< the score, or the length; empty where the method has none
  std::vector<std::uint64_t> tokens;   ///< where the budget counts them
  std::vector<std::uint32_t> labels;   ///< where there is a quota
  std::vector<std::string> label_names;
  std::vector<std::uint32_t> sources;  ///< number of the source's name
  std::vector<std::string> source_names;
  std::map<std::string, std::uint64_t> rejected;  ///< over all ranks, by reason
  std::uint64_t total = 0;                        ///< candidates over all ranks

  select::Vectors vectors() const { return rows ? rows->view(ids) : select::Vectors({}, ids, 0); }
  select::Charges charges() const { return {labels, tokens}; }
  std::uint64_t rejected_in_all() const;
};

/// How many records a budget is; nothing when it has no number of them.
std::optional<std::uint64_t> record_budget(const Budget& budget, std::uint64_t candidates);

/// Loads what the method needs of the pool. Records whose vector is no place are rejected by id (no_direction), and
/// those whose score or tokens cannot be counted with (filter:COLUMN). Vectors that do not fit in the memory are left
/// in their files. Throws Error on all ranks, with the numbers, when what must be in memory does not fit. Collective.
LoadedCandidates load_candidates(pipeline::JobContext& context, const SelectOptions& options,
                                 const VectorColumn& column);

/// This rank's curated vectors, in the form of the pool's.
struct CuratedVectors {
  std::vector<std::uint64_t> ids;
  std::vector<float> rows;     ///< [ids, width]
  std::uint64_t total = 0;     ///< over all ranks
  std::uint64_t rejected = 0;  ///< over all ranks: without a place
};

/// Throws UsageError on all ranks when they are of another width than the pool's, AgreedError when none is left.
/// Collective.
CuratedVectors load_curated(pipeline::JobContext& context, const SelectOptions& options, const VectorColumn& column,
                            std::size_t width);

}  // namespace farpoint::jobs
