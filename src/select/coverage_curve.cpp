// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <limits>

#include "assignment.hpp"
#include "blas.hpp"
#include "coverage_sample.hpp"
#include "farpoint/select/coverage.hpp"
#include "farpoint/select/quantiles.hpp"
#include "inputs.hpp"

namespace farpoint::select {

namespace {

/// Where the curve is measured.
std::vector<std::size_t> lengths_of(std::size_t chosen) {
  std::vector<std::size_t> lengths;
  for (std::size_t part = 16; part > 0; part /= 2) {
    const std::size_t length = (chosen + part - 1) / part;
    if (length > 0 && (lengths.empty() || lengths.back() < length)) lengths.push_back(length);
  }
  return lengths;
}

}  // namespace

std::vector<CurvePoint> coverage_curve(comm::Communicator& comm, const ChosenSubset& subset, std::uint64_t sample,
                                       std::uint64_t seed) {
  if (subset.chosen.empty()) return {};
  load_blas();
  const SampledRows sampled(comm, subset.pool, sample, seed);
  const Vectors rows = sampled.view();
  agree_on_inputs(comm, Candidates{.vectors = rows}, subset.curated);
  const auto lengths = lengths_of(subset.chosen.size());
  std::vector<double> values(rows.size(), std::numeric_limits<double>::infinity());
  std::vector<double> shown;  // [length, row]
  std::vector<std::uint32_t> groups;
  std::size_t begin = 0;
  for (std::uint32_t point = 0; point < lengths.size(); ++point) {
    const auto added = subset.chosen.subspan(begin, lengths[point] - begin);
    const ChosenCentres centres(comm, subset.metric, subset.pool, added,
                                begin == 0 ? subset.curated : std::span<const float>());
    const auto to_added = assign_rows(centres, rows, added).values;
    for (std::size_t row = 0; row < values.size(); ++row) values[row] = std::min(values[row], to_added[row]);
    begin = lengths[point];
    // Rounding can put them elsewhere: a chosen record's copy may be chosen too.
    for (const std::size_t row : rows_of(rows.ids(), subset.chosen.first(begin))) values[row] = 0;
    for (const double value : values) shown.push_back(coverage_distance(subset.metric, value));
    groups.resize(shown.size(), point);
  }
  const auto statistics = group_statistics(comm, shown, groups, lengths.size(), std::array{0.95});
  std::vector<CurvePoint> curve;
  for (std::size_t point = 0; point < lengths.size(); ++point) {
    const GroupStatistics& of = statistics[point];
    curve.push_back({lengths[point], of.mean, of.quantiles[0], of.max});
  }
  return curve;
}

}  // namespace farpoint::select
