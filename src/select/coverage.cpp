// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/coverage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ranges>

#include "assignment.hpp"
#include "blas.hpp"
#include "coverage_sample.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/select/quantiles.hpp"
#include "farpoint/select/random.hpp"
#include "inputs.hpp"

namespace farpoint::select {

namespace {

double improvement(double random, double subset) {
  return random == subset ? 1 : random / subset;
}

void check(const ChosenSubset& subset, std::span<const Grouping> groupings, const Assignment* assignment) {
  for (const Grouping& grouping : groupings) {
    if (!grouping.groups.empty() && grouping.groups.size() != subset.pool.size()) {
      throw Error(fmt::format("{} records have {} groups", subset.pool.size(), grouping.groups.size()));
    }
    const auto high = grouping.groups.empty() ? grouping.groups.end()
                                              : std::max_element(grouping.groups.begin(), grouping.groups.end());
    const std::uint64_t most = high == grouping.groups.end() ? 0 : *high;
    if (subset.pool.size() > 0 && most >= grouping.count) {
      throw Error(fmt::format("a record is of group {}, but there are {}, from 0", most, grouping.count));
    }
  }
  if (assignment != nullptr && assignment->values.size() != subset.pool.size()) {
    throw Error(
        fmt::format("{} records have {} distances to the subset", subset.pool.size(), assignment->values.size()));
  }
}

/// Measures one subset and what it is compared with on the same rows.
class Survey {
 public:
  Survey(comm::Communicator& comm, const ChosenSubset& subset, const CoverageOptions& options,
         const Assignment* assignment);

  const std::vector<double>& radii() const { return radii_; }
  /// Collective.
  std::vector<GroupCoverage> by(const Grouping& grouping);

 private:
  std::vector<double> distances_to(std::span<const std::uint64_t> chosen) const;
  void show(std::vector<double>& values) const;
  void choose_radii(const std::vector<double>& given);
  std::vector<DistanceSummary> summarize(std::span<const double> distances, const Grouping& measured,
                                         std::vector<std::uint64_t>& counts) const;
  std::vector<std::uint64_t> count_within(std::span<const double> distances, const Grouping& measured) const;
  template <typename Rows>
  std::vector<std::uint64_t> count(const Grouping& grouping, const Rows& rows) const;

  comm::Communicator& comm_;
  const ChosenSubset& subset_;
  std::unique_ptr<SampledRows> sample_;
  Vectors measured_;
  std::vector<std::uint64_t> drawn_;
  std::vector<double> to_subset_;  ///< shown distances of the measured rows
  std::vector<double> to_drawn_;
  bool compare_;
  std::vector<double> radii_;
};

Survey::Survey(comm::Communicator& comm, const ChosenSubset& subset, const CoverageOptions& options,
               const Assignment* assignment)
    : comm_(comm), subset_(subset), measured_(subset.pool), compare_(options.compare) {
  if (options.sample) {
    sample_ = std::make_unique<SampledRows>(comm, subset.pool, *options.sample, options.seed);
    measured_ = sample_->view();
  }
  agree_on_inputs(comm, Candidates{.vectors = measured_}, subset.curated);
  if (assignment == nullptr) {
    to_subset_ = distances_to(subset.chosen);
  } else if (sample_) {
    for (const std::uint32_t row : sample_->rows()) to_subset_.push_back(assignment->values[row]);
  } else {
    to_subset_ = assignment->values;
  }
  show(to_subset_);
  if (compare_) {
    drawn_ = random_subset(comm, subset.pool.ids(), subset.chosen.size(), options.seed);
    to_drawn_ = distances_to(drawn_);
    show(to_drawn_);
  }
  choose_radii(options.radii);
}

std::vector<double> Survey::distances_to(std::span<const std::uint64_t> chosen) const {
  const ChosenCentres centres(comm_, subset_.metric, subset_.pool, chosen, subset_.curated);
  return assign_rows(centres, measured_, chosen).values;
}

void Survey::show(std::vector<double>& values) const {
  for (double& value : values) value = coverage_distance(subset_.metric, value);
}

void Survey::choose_radii(const std::vector<double>& given) {
  if (compare_) {
    const auto all = group_statistics(comm_, to_drawn_, {}, 1, std::array{0.5, 0.9}).front();
    if (all.count > 0) radii_ = all.quantiles;
  }
  radii_.insert(radii_.end(), given.begin(), given.end());
}

/// How many of these rows of the pool, over all ranks, are in each group.
template <typename Rows>
std::vector<std::uint64_t> Survey::count(const Grouping& grouping, const Rows& rows) const {
  std::vector<std::uint64_t> counts(grouping.count, 0);
  for (const std::size_t row : rows) ++counts[grouping.groups.empty() ? 0 : grouping.groups[row]];
  comm::all_reduce(comm_, std::span(counts), comm::Reduction::sum);
  return counts;
}

std::vector<GroupCoverage> Survey::by(const Grouping& grouping) {
  std::vector<std::uint32_t> of_sample;
  Grouping measured = grouping;
  if (sample_ && !grouping.groups.empty()) {
    for (const std::uint32_t row : sample_->rows()) of_sample.push_back(grouping.groups[row]);
    measured.groups = of_sample;
  }
  const auto all_rows = std::views::iota(std::size_t{0}, subset_.pool.size());
  const auto records = count(grouping, all_rows);
  const auto chosen = count(grouping, rows_of(subset_.pool.ids(), subset_.chosen));
  const auto drawn = count(grouping, rows_of(subset_.pool.ids(), drawn_));
  std::vector<std::uint64_t> counts;
  const auto to_subset = summarize(to_subset_, measured, counts);
  const auto to_drawn = compare_ ? summarize(to_drawn_, measured, counts) : std::vector<DistanceSummary>();
  std::vector<GroupCoverage> groups;
  for (std::size_t group = 0; group < grouping.count; ++group) {
    groups.push_back({records[group], counts[group], chosen[group], drawn[group], to_subset[group], std::nullopt});
    if (compare_) groups.back().random = to_drawn[group];
  }
  return groups;
}

std::vector<DistanceSummary> Survey::summarize(std::span<const double> distances, const Grouping& measured,
                                               std::vector<std::uint64_t>& counts) const {
  const auto all =
      group_statistics(comm_, distances, measured.groups, measured.count, std::array{0.5, 0.9, 0.95, 0.99});
  const auto within = count_within(distances, measured);
  counts.clear();
  std::vector<DistanceSummary> summaries;
  for (std::size_t group = 0; group < all.size(); ++group) {
    const GroupStatistics& of = all[group];
    counts.push_back(of.count);
    summaries.push_back({of.mean, of.quantiles[0], of.quantiles[1], of.quantiles[2], of.quantiles[3], of.max, {}});
    for (std::size_t r = 0; r < radii_.size(); ++r) {
      summaries.back().within.push_back(static_cast<double>(within[group * radii_.size() + r]) /
                                        static_cast<double>(of.count));
    }
  }
  return summaries;
}

/// [group, radius].
std::vector<std::uint64_t> Survey::count_within(std::span<const double> distances, const Grouping& measured) const {
  std::vector<std::uint64_t> counts(measured.count * radii_.size(), 0);
  for (std::size_t row = 0; row < distances.size(); ++row) {
    const std::size_t group = measured.groups.empty() ? 0 : measured.groups[row];
    for (std::size_t r = 0; r < radii_.size(); ++r) {
      if (distances[row] <= radii_[r]) ++counts[group * radii_.size() + r];
    }
  }
  if (!counts.empty()) comm::all_reduce(comm_, std::span(counts), comm::Reduction::sum);
  return counts;
}

}  // namespace

double GroupCoverage::mean_improvement() const {
  return random ? improvement(random->mean, subset.mean) : DistanceSummary::none;
}

double GroupCoverage::p95_improvement() const {
  return random ? improvement(random->p95, subset.p95) : DistanceSummary::none;
}

Coverage measure_coverage(comm::Communicator& comm, const ChosenSubset& subset, std::span<const Grouping> groupings,
                          const CoverageOptions& options, const Assignment* assignment) {
  comm::agree(comm, [&] { check(subset, groupings, assignment); });
  load_blas();
  Survey survey(comm, subset, options, assignment);
  Coverage coverage;
  coverage.radii = survey.radii();
  coverage.overall = survey.by({{}, 1}).front();
  for (const Grouping& grouping : groupings) coverage.groups.push_back(survey.by(grouping));
  return coverage;
}

}  // namespace farpoint::select
