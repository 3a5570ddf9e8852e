// SPDX-License-Identifier: Apache-2.0
// jobs/report/distributions.hpp: how the pool, the subset and a random subset are distributed.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "excerpts.hpp"
#include "options.hpp"

namespace farpoint::jobs {

/// The sets of records that are compared, in the order of the report.
enum class Side : std::uint8_t { pool, subset, random };
constexpr std::array<const char*, 3> side_names{"pool", "subset", "random"};

/// Ids of two of them, ascending, the same on every rank; the pool is all that is left.
struct Sides {
  bool has_subset = false;
  std::vector<std::uint64_t> subset;
  std::vector<std::uint64_t> random;

  bool holds(Side side, std::uint64_t id) const;
};

struct Distributions {
  Json numbers = Json::array();  ///< lengths, words, languages, and every scalar column
  Json tail = Json::array();     ///< records by source and by the options' labels
};

/// Reads every record once. Counts are exact, quantiles too (select/quantiles.hpp). On rank 0; elsewhere nothing.
/// A rank holds 8 bytes for each of its records and numbers. Collective.
Distributions measure_distributions(pipeline::JobContext& context, const ReportOptions& options, const Sides& sides);

}  // namespace farpoint::jobs
