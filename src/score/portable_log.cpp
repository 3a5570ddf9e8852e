// SPDX-License-Identifier: Apache-2.0
#include "portable_log.hpp"

#include <cmath>

namespace farpoint::score {

double portable_log(double x) {
  int exponent = 0;
  double mantissa = std::frexp(x, &exponent);  // exact, from 1/2 to 1
  constexpr double root_of_half = 0.70710678118654752;
  if (mantissa < root_of_half) {
    mantissa *= 2;
    --exponent;
  }
  // ln m = 2 artanh s = 2 (s + s^3/3 + s^5/5 + ...) with s = (m - 1) / (m + 1). As |s| < 0.172, the first term that is
  // left out is below 2^-60 of the sum.
  const double s = (mantissa - 1) / (mantissa + 1);
  const double square = s * s;
  double series = 0;
  for (int k = 23; k >= 3; k -= 2) series = series * square + 1.0 / k;
  const double of_mantissa = 2 * s + 2 * s * square * series;
  // ln 2 in two parts: the first has so few digits that its products with exponents are exact.
  constexpr double ln2_high = 0x1.62e42feep-1;
  constexpr double ln2_low = 0x1.a39ef35793c76p-33;
  return exponent * ln2_high + (of_mantissa + exponent * ln2_low);
}

}  // namespace farpoint::score
