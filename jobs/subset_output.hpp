// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "farpoint/pipeline/job.hpp"

namespace farpoint::jobs {

/// What was chosen, and what this rank holds of the candidates.
struct Chosen {
  // the same on every rank, in order of choice
  std::vector<std::uint64_t> ids;
  std::vector<double> distances;       ///< empty: the method has none
  bool assigned = false;               ///< weights and representatives were asked for
  std::vector<std::uint64_t> weights;  ///< where assigned
  // of this rank
  std::vector<std::uint64_t> candidate_ids;    ///< ascending
  std::vector<std::uint64_t> representatives;  ///< of the candidates, where assigned
  std::vector<float> vectors;                  ///< [candidates, width]; empty: none
  std::size_t width = 0;

  std::string vectors_name;
  std::string method;
  double radius = 0;  ///< NaN: the method has none
};

/// Writes subset.h5 (docs/formats.md, "Subset file") on rank 0. Each rank holds the texts of its own chosen records;
/// rank 0 never holds more than a block. Collective.
void write_subset(pipeline::JobContext& context, const Chosen& chosen);

}  // namespace farpoint::jobs
