// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/distance.hpp"

#include <algorithm>
#include <cmath>

#include "canonical_batch.hpp"

namespace farpoint::select {

namespace {

double product(double x, double y) {
  return x * y;
}

double squared_difference(double x, double y) {
  const double difference = x - y;
  return difference * difference;
}

template <double (*term)(double, double)>
double sum_of(std::span<const float> x, const float* y) {
  double sum = 0;
  for (std::size_t k = 0; k < x.size(); ++k) sum += term(x[k], y[k]);
  return sum;
}

template <double (*term)(double, double)>
std::array<double, canonical_lanes> sums_of(std::span<const float> x,
                                            const std::array<const float*, canonical_lanes>& ys) {
  std::array<double, canonical_lanes> sums{};
  for (std::size_t k = 0; k < x.size(); ++k) {
    for (std::size_t lane = 0; lane < canonical_lanes; ++lane) sums[lane] += term(x[k], ys[lane][k]);
  }
  return sums;
}

template <double (*term)(double, double)>
std::array<double, canonical_lanes> sums_of_pairs(std::size_t dimension,
                                                  const std::array<const float*, canonical_lanes>& xs,
                                                  const std::array<const float*, canonical_lanes>& ys) {
  std::array<double, canonical_lanes> sums{};
  for (std::size_t k = 0; k < dimension; ++k) {
    for (std::size_t lane = 0; lane < canonical_lanes; ++lane) sums[lane] += term(xs[lane][k], ys[lane][k]);
  }
  return sums;
}

std::array<double, canonical_lanes> values_of(Metric metric, std::array<double, canonical_lanes> sums) {
  if (metric == Metric::l2) return sums;
  for (double& value : sums) value = 1 - value;
  return sums;
}

}  // namespace

double canonical(Metric metric, std::span<const float> x, std::span<const float> y) {
  if (metric == Metric::l2) return sum_of<squared_difference>(x, y.data());
  return 1 - sum_of<product>(x, y.data());
}

std::array<double, canonical_lanes> canonical_batch(Metric metric, std::span<const float> x,
                                                    const std::array<const float*, canonical_lanes>& ys) {
  return values_of(metric, metric == Metric::l2 ? sums_of<squared_difference>(x, ys) : sums_of<product>(x, ys));
}

std::array<double, canonical_lanes> canonical_pairs(Metric metric, std::size_t dimension,
                                                    const std::array<const float*, canonical_lanes>& xs,
                                                    const std::array<const float*, canonical_lanes>& ys) {
  return values_of(metric, metric == Metric::l2 ? sums_of_pairs<squared_difference>(dimension, xs, ys)
                                                : sums_of_pairs<product>(dimension, xs, ys));
}

bool normalize(std::span<float> row) {
  // Squares of finite float32 values neither overflow nor vanish in float64.
  const double squared_length = sum_of<product>(row, row.data());
  if (!std::isfinite(squared_length) || squared_length == 0) return false;
  const double length = std::sqrt(squared_length);
  for (float& component : row) component = static_cast<float>(component / length);
  return true;
}

bool is_finite(std::span<const float> row) {
  return std::all_of(row.begin(), row.end(), [](float component) { return std::isfinite(component); });
}

}  // namespace farpoint::select
