// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "farpoint/select/distance.hpp"

namespace farpoint::select {

/// Square of a row's length for use with Screening: rounded up, and infinite for rows so long that single-precision
/// products with them could overflow. Pairs with such a row are never screened.
float screening_norm(std::span<const float> row);

/// Bounds on canonical values from single-precision products in whatever order a BLAS sums them.
///
/// For rows x, c with squared lengths X, C the canonical value is
///     cosine  1 - x.c           l2  X + C - 2 x.c           that is  base(X) + part(C) - w x.c,  w = 1 or 2.
/// A float32 product of d terms, with or without fused operations and in any order, is off by at most
///     gamma_d sum |x_k c_k| <= gamma_d |x||c| <= gamma_d (X + C) / 2,   gamma_d = d u / (1 - d u),   u = 2^-24
/// (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1; then Cauchy-Schwarz and the two means). The
/// last inequality splits a pair's error into a part of the row and a part of the centre, so that a maximum over
/// centres keeps a bound, and one giant vector does not blur the others. The other roundings, under l2 as multiples of
/// u: X and C upwards to float32, 3 each; the penalty, 1 of C; the difference, 1 of X + 2 C; the float64 sums, less
/// than 1. Together they are below 8 u (X + C), hence gamma_(d+8); cosine has fewer. What underflows, also if
/// subnormals were flushed to zero, is below (d + 8) 2^-120 but for a vanishing fraction of u (X + C), and the float64
/// difference from 1 under cosine is off by less than 2^-50: together the floor.
///
/// With an infinite norm, of the row or the centre, lower() is -infinity or NaN: nothing is known.
///
/// What is constexpr is so for the GPU's compiler, which takes such functions as its own.
class Screening {
 public:
  Screening(Metric metric, std::size_t dimension);

  constexpr Metric metric() const { return metric_; }
  /// w: what products are scaled by (exactly).
  constexpr float scale() const { return metric_ == Metric::l2 ? 2.0F : 1.0F; }

  /// A centre's affinity to a row is their scaled product - penalty, in float32.
  constexpr float penalty(float centre_norm) const {
    return static_cast<float>(part(centre_norm) + slack_ * centre_norm);
  }

  /// At least the canonical value of a row and a centre of this affinity; also with the greatest affinity to many
  /// centres, and the least of their values. The row's norm must be finite.
  constexpr double upper(float row_norm, float affinity) const {
    return base(row_norm) + slack_ * row_norm + floor_ - affinity;
  }

  /// At most the canonical value of a row and a centre of this affinity, or NaN.
  constexpr double lower(float row_norm, float centre_norm, float affinity) const {
    return upper(row_norm, affinity) - width(row_norm, centre_norm);
  }

  /// The same with a penalty that is smaller by the error bound: with the greatest hopeful affinity to many centres,
  /// at most the least of their values.
  constexpr float hopeful_penalty(float centre_norm) const {
    return static_cast<float>(part(centre_norm) - slack_ * centre_norm);
  }
  constexpr double hopeful_lower(float row_norm, float affinity) const {
    return base(row_norm) - slack_ * row_norm - floor_ - affinity;
  }
  constexpr double hopeful_upper(float row_norm, float centre_norm, float affinity) const {
    return hopeful_lower(row_norm, affinity) + width(row_norm, centre_norm);
  }

 private:
  constexpr double base(double norm) const { return metric_ == Metric::l2 ? norm : 1.0; }
  constexpr double part(double norm) const { return metric_ == Metric::l2 ? norm : 0.0; }
  /// Twice the error bound of a pair.
  constexpr double width(double row_norm, double centre_norm) const {
    return 2 * (slack_ * row_norm + slack_ * centre_norm + floor_);
  }

  Metric metric_;
  double slack_;
  double floor_;
};

/// Above it the error bound means nothing.
constexpr std::size_t largest_dimension = std::size_t{1} << 22;

}  // namespace farpoint::select
