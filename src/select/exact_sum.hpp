// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace farpoint::select {

/// A sum of finite float64 numbers without rounding: an integer of 2^-1074ths in pieces of 32 bits, of which each lies
/// in 64 (Kulisch's long accumulator). So the order does not matter, and sums of several ranks are added piece by
/// piece.
struct ExactSum {
  static constexpr std::size_t size = 68;  ///< 2098 bits for one number, and 64 for how many there are
  /// So many numbers may be added before the pieces must be carried. Of carried sums so many may be added up, too.
  static constexpr std::size_t most_added = std::size_t{1} << 28;

  std::array<std::int64_t, size> pieces{};

  void add(double value);
  /// Makes all pieces but the highest 0 to 2^32 - 1. The sum stays as it is.
  void carry();
  /// The sum, rounded to float64, divided by `count` > 0, rounded again.
  double mean(std::uint64_t count) const;
};

}  // namespace farpoint::select
