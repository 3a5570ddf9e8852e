// SPDX-License-Identifier: Apache-2.0
// Bounds by row: lowered by products, made exact by canonical values (row_bounds.hpp, exact_search.hpp).
#pragma once

#include "product_tasks.hpp"

namespace farpoint::select {

/// The bounds of rows, as CpuRowBounds keeps them.
struct BoundsView {
  double* bounds = nullptr;
  std::uint32_t* applied = nullptr;
  std::uint32_t* screened = nullptr;
  const float* norms = nullptr;
};

/// Lowers the bounds of rows by the affinities to the centres that they have missed.
struct LowerTask {
  FoldTask folded;
  BoundsView of;
  Screening screening;

  FARPOINT_DEVICE void operator()(std::size_t i) const {
    const std::uint32_t row = folded.view.row(static_cast<std::uint32_t>(i));
    const std::uint32_t first = of.screened[row];
    const std::uint32_t count = folded.view.centres.count;
    const float norm = of.norms[row];
    of.screened[row] = count;
    if (norm == std::numeric_limits<float>::infinity() || first == count) return;
    const float affinity = folded.merged(static_cast<std::uint32_t>(i)).greatest;
    // A row that was exact stays so when no new centre can be nearer.
    const double least = screening.lower(norm, folded.view.centres.longest[first], affinity);
    if (of.applied[row] == first && least >= of.bounds[row]) of.applied[row] = count;
    const double upper = screening.upper(norm, affinity);
    if (upper < of.bounds[row]) of.bounds[row] = upper;
  }
};

/// Rows that ask for their nearest centre: one a query.
struct QueriesView {
  ProductView view;  ///< its `applied`: the first centre of interest
  Screening screening;
  const float* norms = nullptr;    ///< by row
  const double* start = nullptr;   ///< by row: what is known; null: nothing is
  double* known = nullptr;         ///< by query: with the probably nearest centre
  std::uint64_t* found = nullptr;  ///< by query, ordered(): with all centres measured so far

  /// Whether the centre may be as near as `value`. Written so that NaN, which means that nothing is known, is a yes.
  FARPOINT_DEVICE bool may_be_nearer(std::uint32_t query, std::uint32_t c, float affinity, double value) const {
    return !(screening.lower(norms[view.row(query)], view.centres.norms[c], affinity) > value);
  }
  FARPOINT_DEVICE double measure(std::uint32_t query, std::uint32_t c) const {
    return canonical_value(screening.metric(), view.rows, view.row(query), view.centres.row(c, view.rows.dimension));
  }
};

/// Measures the probably nearest centre of each query: the value rules out most others.
struct MeasureNearestTask {
  QueriesView queries;
  FoldTask folded;

  FARPOINT_DEVICE void operator()(std::size_t index) const {
    const auto query = static_cast<std::uint32_t>(index);
    double value =
        queries.start == nullptr ? std::numeric_limits<double>::infinity() : queries.start[queries.view.row(query)];
    const TopTwo top = folded.merged(query);
    if (top.centre != without_centre && queries.may_be_nearer(query, top.centre, top.greatest, value)) {
      const double measured = queries.measure(query, top.centre);
      if (measured < value) value = measured;
    }
    queries.known[query] = value;
    queries.found[query] = ordered(value);
  }
};

/// Measures the centres of a matrix of affinities that may be as near as what is known.
struct MeasureOthersTask {
  QueriesView queries;
  AffinityMatrixTask matrix;

  FARPOINT_DEVICE void operator()(std::size_t index) const {
    const auto query = static_cast<std::uint32_t>(index / matrix.width());
    const auto c = matrix.view.begin + static_cast<std::uint32_t>(index % matrix.width());
    if (c < matrix.view.first_centre(query)) return;
    if (!queries.may_be_nearer(query, c, matrix.affinities[index], queries.known[query])) return;
    atomic_lower(queries.found + query, ordered(queries.measure(query, c)));
  }
};

/// The smallest label of the centres at exactly the value that was found.
struct LabelTask {
  QueriesView queries;
  AffinityMatrixTask matrix;
  std::uint64_t* labels = nullptr;  ///< by row

  FARPOINT_DEVICE void operator()(std::size_t index) const {
    const auto query = static_cast<std::uint32_t>(index / matrix.width());
    const auto c = matrix.view.begin + static_cast<std::uint32_t>(index % matrix.width());
    const std::uint64_t found = queries.found[query];
    if (!queries.may_be_nearer(query, c, matrix.affinities[index], from_ordered(found))) return;
    if (ordered(queries.measure(query, c)) != found) return;
    atomic_lower(labels + queries.view.row(query), queries.view.centres.labels[c]);
  }
};

/// Enters D, or that a row is chosen.
struct SetExactTask {
  const std::uint32_t* rows = nullptr;
  const std::uint64_t* values = nullptr;  ///< ordered()
  BoundsView of;
  std::uint32_t centres = 0;                    ///< of all rows,
  const std::uint32_t* centres_each = nullptr;  ///< or of each

  FARPOINT_DEVICE void operator()(std::size_t i) const {
    const double value = from_ordered(values[i]);
    of.bounds[rows[i]] = value;
    if (value == value_of_chosen) return;
    of.applied[rows[i]] = of.screened[rows[i]] = centres_each == nullptr ? centres : centres_each[i];
  }
};

/// Reads bounds and counts of rows.
struct GatherTask {
  const std::uint32_t* rows = nullptr;
  BoundsView of;
  double* bounds = nullptr;
  std::uint32_t* applied = nullptr;

  FARPOINT_DEVICE void operator()(std::size_t i) const {
    bounds[i] = of.bounds[rows[i]];
    applied[i] = of.applied[rows[i]];
  }
};

/// The labels of rows that are surely nearer to one centre than to all others; a list of the rest.
struct AssignTask {
  FoldTask folded;  ///< hopeful
  BoundsView of;
  Screening screening;
  bool can_screen = true;           ///< no centre is so long that products may overflow
  std::uint64_t* labels = nullptr;  ///< by row; the largest number for the rest
  std::uint32_t* undecided_count = nullptr;
  std::uint32_t* undecided = nullptr;

  FARPOINT_DEVICE bool is_decided(float norm, const TopTwo& top) const {
    if (!can_screen || norm == std::numeric_limits<float>::infinity() || top.centre == without_centre) return false;
    return screening.hopeful_upper(norm, folded.view.centres.norms[top.centre], top.greatest) <
           screening.hopeful_lower(norm, top.second);
  }
  FARPOINT_DEVICE void operator()(std::size_t i) const {
    const std::uint32_t row = folded.view.row(static_cast<std::uint32_t>(i));
    labels[row] = ~std::uint64_t{0};
    if (of.bounds[row] == value_of_chosen) return;
    const TopTwo top = folded.merged(static_cast<std::uint32_t>(i));
    if (is_decided(of.norms[row], top)) {
      labels[row] = folded.view.centres.labels[top.centre];
    } else {
      undecided[atomic_increment(undecided_count)] = row;
    }
  }
};

}  // namespace farpoint::select
