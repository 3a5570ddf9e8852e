// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <span>

namespace farpoint::select {

enum class Metric { cosine, l2 };

/// The canonical dissimilarity of two float32 rows, which decides every choice: accumulated in float64 in index order,
/// no fused or reordered sums. Cosine: 1 - Σ x_k y_k (rows of unit length). L2: Σ (x_k - y_k)², the square.
double canonical(Metric metric, std::span<const float> x, std::span<const float> y);

/// The distance that users see: canonical values under cosine, their square root under l2.
inline double shown_distance(Metric metric, double value) {
  return metric == Metric::l2 ? std::sqrt(value) : value;
}

/// Scales `row` to unit length: squared norm in float64 in index order, each component divided by its square root in
/// float64 and rounded once. False, and `row` unchanged, when it has no direction: NaN, infinity or length zero.
bool normalize(std::span<float> row);

/// True when no component is NaN or infinite.
bool is_finite(std::span<const float> row);

}  // namespace farpoint::select
