// SPDX-License-Identifier: Apache-2.0
// jobs/profile/distribution.hpp: how whole numbers are distributed, in little memory.
#pragma once

#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace farpoint::jobs {

/// Counts of whole numbers by ranges, as an HDR histogram has them: below 64 each number has its own, beyond it each
/// power of two is cut into 32, so a range is at most 1/32 as wide as its numbers are large. Counts are whole numbers:
/// adding distributions is exact in any order. At most 15 KiB.
class Distribution {
 public:
  void add(std::uint64_t value);
  Distribution& operator+=(const Distribution& other);

  std::uint64_t count() const { return count_; }
  std::uint64_t sum() const { return sum_; }
  /// Exact. Of nothing: 0.
  std::uint64_t min() const { return count_ == 0 ? 0 : min_; }
  std::uint64_t max() const { return max_; }
  double mean() const { return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_); }

  /// The smallest number that at least `percent` of 100 are not above (nearest rank), rounded down to where its range
  /// begins: exact below 64, never more than 1/32 too small. Of nothing: 0. `percent` from 1 to 100.
  std::uint64_t percentile(std::uint64_t percent) const;

  /// Exact counts by powers of two: (0, count of 0), (1, of 1), (2, of 2 and 3), (4, of 4 to 7) and so on; without
  /// those that count nothing.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> by_powers_of_two() const;

  template <typename Archive>
  void serialize(Archive& archive, unsigned) {
    archive& count_& sum_& min_& max_& ranges_;
  }

 private:
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t min_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t max_ = 0;
  std::vector<std::uint64_t> ranges_;  ///< counts, up to the last range that counts anything
};

}  // namespace farpoint::jobs
