// SPDX-License-Identifier: Apache-2.0
#include "farpoint/report/bins.hpp"

#include <algorithm>
#include <cmath>

namespace farpoint::report {

namespace {

/// From here on, by what the smallest and the largest number differ, equal ratios show more than equal distances.
constexpr double logarithmic_from = 20;
/// Numbers this many times further out than the bulk of them are left out of the picture.
constexpr double far_out = 1.5;

/// 1, 2 or 5 times a power of ten, at least `width`.
double round_step(double width) {
  const double power = std::pow(10.0, std::floor(std::log10(width)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= width * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

std::vector<double> equal_distances(double from, double to, bool whole, std::size_t count) {
  double step = round_step((to - from) / static_cast<double>(count));
  if (whole) step = std::max(step, 1.0);
  const double first = std::floor(from / step + 1e-9);
  std::vector<double> edges;
  for (double i = first; edges.empty() || edges.back() <= to - step * 1e-9; ++i) {
    edges.push_back(i * step);
    // Numbers so large that a step is lost in them have no round edges.
    if (edges.size() > 4 * count + 4) return {from, std::nextafter(to, HUGE_VAL)};
  }
  // A whole number on the last edge is one of its own, not part of the bin before.
  if (whole && edges.back() <= to) edges.push_back(edges.back() + step);
  return edges;
}

std::vector<double> equal_ratios(double from, double to, bool whole, std::size_t count) {
  const double decades = std::log10(to / from);
  double per_decade = 1;
  for (const double finer : {2.0, 4.0, 5.0, 10.0, 20.0}) {
    if (decades * finer <= static_cast<double>(count)) per_decade = finer;
  }
  std::vector<double> edges;
  for (double i = std::floor(std::log10(from) * per_decade + 1e-9);; ++i) {
    double edge = std::pow(10.0, i / per_decade);
    if (whole) edge = std::max(std::round(edge), 1.0);
    if (edges.empty() || edge > edges.back()) edges.push_back(edge);
    if (edge > to || (!whole && edge >= to)) break;
  }
  // Powers are rounded: what is below the first edge by a hair belongs to it.
  edges.front() = std::min(edges.front(), from);
  return edges;
}

}  // namespace

std::size_t Bins::place_of(double value) const {
  if (value == edges.back()) return size();
  return static_cast<std::size_t>(std::upper_bound(edges.begin(), edges.end(), value) - edges.begin());
}

Bins make_bins(const Spread& spread, std::size_t count) {
  const bool tame = spread.max - spread.min <= far_out * (spread.high - spread.low);
  const double from = tame ? spread.min : spread.low, to = tame ? spread.max : spread.high;
  Bins bins;
  if (!(to > from)) {
    const double half = spread.whole ? 0.5 : std::max(std::abs(from) * 1e-3, 1e-3);
    bins.edges = spread.whole ? std::vector{from, from + 1} : std::vector{from - half, from + half};
    return bins;
  }
  // With equal ratios also what is far out has room.
  const double top = spread.max, bottom = spread.min;
  bins.logarithmic = bottom > 0 && to / from > logarithmic_from;
  bins.edges = bins.logarithmic ? equal_ratios(bottom, top, spread.whole, count)
                                : equal_distances(from, to, spread.whole, count);
  return bins;
}

}  // namespace farpoint::report
