// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

namespace farpoint::report {

/// How numbers are spread, as far as a histogram must know it. None of them is NaN or infinite, and they ascend.
struct Spread {
  double min = 0;
  double low = 0;   ///< hardly any are below: a low quantile
  double high = 0;  ///< hardly any are above
  double max = 0;
  bool whole = false;  ///< all are whole numbers
};

/// The ranges of a histogram: bin i counts the numbers from edges[i] to below edges[i + 1], the last one those at its
/// upper edge too. What is outside counts as below or above.
struct Bins {
  std::vector<double> edges;  ///< ascending; one more than there are bins
  bool logarithmic = false;   ///< the edges keep their ratio, not their distance

  std::size_t size() const { return edges.size() - 1; }
  /// 0: below the first edge; i + 1: bin i; size() + 1: above the last. `value` is not NaN. O(log bins).
  std::size_t place_of(double value) const;
};

/// About `count` bins, at round numbers, for the numbers from `low` to `high`; for all of them when the outermost are
/// not far out. Logarithmic where all of them are positive and span more than a factor of 20. Whole numbers get edges
/// that are whole. At least one bin, also when all numbers are equal.
Bins make_bins(const Spread& spread, std::size_t count = 40);

}  // namespace farpoint::report
