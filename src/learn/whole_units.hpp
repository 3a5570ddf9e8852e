// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace farpoint::learn {

/// Numbers as whole multiples of a unit, so that their sum depends neither on their order nor on who adds which.
class WholeUnits {
 public:
  /// The finest unit in which a sum of numbers fits into int64 whose magnitudes add up to `largest_sum` at most, give
  /// or take rounding: a factor of two is to spare, and the sum of 2^61 numbers' roundings fits into that.
  explicit WholeUnits(double largest_sum) : WholeUnits(largest_sum, 0, 1) {}
  /// In which, besides, none of the numbers, `largest` at most, is more than `most_units`, give or take rounding.
  WholeUnits(double largest_sum, double largest, double most_units)
      : unit_(std::max(std::ldexp(largest_sum, -62), largest / most_units)), per_unit_(1 / unit_) {}

  /// What a number is multiplied with before it is rounded.
  double per_unit() const { return per_unit_; }
  std::int64_t of(double number) const { return std::llrint(number * per_unit_); }
  double number(std::int64_t units) const { return static_cast<double>(units) * unit_; }

 private:
  double unit_;
  double per_unit_;
};

}  // namespace farpoint::learn
