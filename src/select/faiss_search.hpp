// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "farpoint/select/distance.hpp"

namespace farpoint::select {

/// For each of the queries [any, dimension] the `k` most similar of `rows` [at least k, dimension], by float32 values
/// in any order of summation: the most similar first. places[q * k + i] is a row, values[q * k + i] its inner product
/// (cosine) or squared distance (l2). No number may be so large that a product overflows. On all threads, or on the
/// process' current GPU when FAISS has that (at most 2048 neighbours). Throws Error when the GPU fails.
void faiss_nearest(Metric metric, std::size_t dimension, std::span<const float> queries, std::span<const float> rows,
                   std::size_t k, std::span<float> values, std::span<std::int64_t> places);

/// Bounds on canonical values from those of faiss_nearest(). FAISS computes the square of a distance from the squares
/// of the lengths, or from differences; for rows x, c with squared lengths X, C either is off by at most
///     gamma_(d+8) 2 (X + C),      an inner product by      gamma_(d+8) (X + C) / 2,
/// with gamma as in screening.hpp: the lengths gamma_d each, twice the product gamma_d 2 |x||c| <= gamma_d (X + C), and
/// the two sums less than 8 u 2 (X + C). Differences are off by gamma_(d+3) of the value, which is at most 2 (X + C).
class FaissBounds {
 public:
  FaissBounds(Metric metric, std::size_t dimension);

  /// At most the canonical value of a pair.
  double lower(float query_norm, double row_norm, float value) const {
    return canonical_of(value) - slack_ * (static_cast<double>(query_norm) + row_norm) - floor_;
  }

  /// At most the canonical value of any row that FAISS left out of a list that ends with `last`, or more than `most`.
  /// `longest`: the largest norm of the rows that were searched.
  double left_out(float query_norm, float longest, float last, double most) const;

 private:
  double canonical_of(float value) const { return metric_ == Metric::l2 ? double{value} : 1 - double{value}; }

  Metric metric_;
  double slack_;
  double floor_;
};

}  // namespace farpoint::select
