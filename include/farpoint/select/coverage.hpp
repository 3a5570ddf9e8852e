// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/select/assignment.hpp"
#include "farpoint/select/distance.hpp"
#include "farpoint/select/vectors.hpp"

namespace farpoint::select {

/// What was chosen of what. Borrowed.
struct ChosenSubset {
  Metric metric = Metric::cosine;
  Vectors pool;                           ///< this rank's rows
  std::span<const float> curated;         ///< this rank's part of the vectors that count as chosen, [any, dimension]
  std::span<const std::uint64_t> chosen;  ///< ids in order of choice, the same on every rank
};

/// Groups in which coverage is told apart, such as sources or labels.
struct Grouping {
  std::span<const std::uint32_t> groups;  ///< by this rank's rows, below `count`; empty: all are of group 0
  std::size_t count = 0;                  ///< the same on every rank
};

/// Shown distances from records to the nearest chosen one: 0 from a chosen record, and where rounding makes one
/// negative. The statistics are exact (quantiles.hpp), and NaN where there are no records.
struct DistanceSummary {
  static constexpr double none = std::numeric_limits<double>::quiet_NaN();
  double mean = none;
  double p50 = none;
  double p90 = none;
  double p95 = none;
  double p99 = none;
  double max = none;           ///< the radius
  std::vector<double> within;  ///< share of the records at most Coverage::radii[i] away
};

struct GroupCoverage {
  std::uint64_t records = 0;   ///< of the pool
  std::uint64_t measured = 0;  ///< those that the distances are of: all, or those of the sample
  std::uint64_t chosen = 0;
  std::uint64_t drawn = 0;  ///< records of the random subset
  DistanceSummary subset;
  std::optional<DistanceSummary> random;  ///< to the random subset

  /// How many times nearer the subset is than the random one, on average: above 1 the method paid. 1 when both are
  /// equal, also at 0 or infinity; infinite when the subset's alone is 0; NaN without records or comparison.
  double mean_improvement() const;
  /// The same of the 95th percentile.
  double p95_improvement() const;
};

struct CoverageOptions {
  bool compare = true;                  ///< with a random subset of the same size; costs another assignment
  std::uint64_t seed = 0;               ///< the random subset is random_subset() of this seed
  std::optional<std::uint64_t> sample;  ///< measure so many records, drawn by their ids, instead of all
  std::vector<double> radii;            ///< shown distances, for `within`
};

struct Coverage {
  /// Median and 90th percentile of the distances to the random subset, if there is one; then those of the options.
  std::vector<double> radii;
  GroupCoverage overall;
  std::vector<std::vector<GroupCoverage>> groups;  ///< [grouping, group]

  bool is_sampled() const { return overall.measured < overall.records; }
};

/// How well a subset covers the pool, whatever method chose it, beside a random subset of the same size. Curated
/// vectors count as chosen on both sides. Distances, counts and percentiles are exact, of all records or of the sample,
/// and the same at any number of ranks (docs/coverage.md).
///
/// Collective. `assignment`, of assign_to_chosen() or null on all ranks, spares the first of two assignments (the cost
/// of each is in assignment.hpp; with a sample, n is its size). Memory a rank: 40 bytes a measured row, all chosen
/// vectors twice, and the rank's part of the sample. Throws comm::AgreedError for inputs that cannot be used.
Coverage measure_coverage(comm::Communicator& comm, const ChosenSubset& subset, std::span<const Grouping> groupings,
                          const CoverageOptions& options, const Assignment* assignment = nullptr);

/// Coverage by the first records of the order of choice.
struct CurvePoint {
  std::uint64_t records = 0;
  double mean = 0;
  double p95 = 0;
  double max = 0;
};

/// Coverage at 1/16, 1/8, 1/4, 1/2 and all of the chosen records (rounded up, each number once), as shown distances
/// from `sample` records drawn by their ids with `seed`; of all when there are fewer. `max` is therefore at most the
/// radius. (Of an unweighted k-center, KCenterResult::distances[i] is the exact radius at i records.)
///
/// Collective. Cost: one assignment of the sample, as distances only fall when records are added.
std::vector<CurvePoint> coverage_curve(comm::Communicator& comm, const ChosenSubset& subset,
                                       std::uint64_t sample = 20'000, std::uint64_t seed = 0);

}  // namespace farpoint::select
