// SPDX-License-Identifier: Apache-2.0
#include "screening.hpp"

#include <cmath>
#include <limits>

namespace farpoint::select {

float screening_norm(std::span<const float> row) {
  double sum = 0;
  // In any order: the bound leaves room for it.
#pragma omp simd reduction(+ : sum)
  for (std::size_t k = 0; k < row.size(); ++k) {  // NOLINT(modernize-loop-convert): GCC wants a number here
    sum += static_cast<double>(row[k]) * row[k];
  }
  constexpr double limit = 0x1p120;
  if (!(sum <= limit)) return std::numeric_limits<float>::infinity();
  return std::nextafter(static_cast<float>(sum), std::numeric_limits<float>::infinity());
}

Screening::Screening(Metric metric, std::size_t dimension) : metric_(metric) {
  const double roundings = static_cast<double>(dimension + 8);
  const double gamma = roundings * 0x1p-24 / (1 - roundings * 0x1p-24);
  slack_ = gamma * scale() / 2;
  floor_ = roundings * 0x1p-120 + (metric == Metric::cosine ? 0x1p-50 : 0.0);
}

}  // namespace farpoint::select
