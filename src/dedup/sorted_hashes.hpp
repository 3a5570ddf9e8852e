// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace farpoint::dedup {

/// Finds hashes in a sorted array, most often without looking into it. Hashes that spread evenly take O(1); whatever
/// they are, O(log n). 3 to 6 bytes a hash.
class SortedHashes {
 public:
  static constexpr std::size_t none = ~std::size_t{0};

  SortedHashes() : SortedHashes(std::span<const std::uint64_t>()) {}
  /// `sorted`: ascending, without repetition; it must outlive this object, where it is.
  explicit SortedHashes(std::span<const std::uint64_t> sorted);

  /// The position of `hash`, or none. Thread-safe.
  std::size_t find(std::uint64_t hash) const {
    const std::uint64_t bit = hash >> bit_shift_;
    if ((present_[bit / 64] >> bit % 64 & 1) == 0) return none;
    return search(hash);
  }

 private:
  std::size_t search(std::uint64_t hash) const;

  std::span<const std::uint64_t> sorted_;
  unsigned bit_shift_;
  std::vector<std::uint64_t> present_;  ///< a bit for each value of the high bits of a hash
};

}  // namespace farpoint::dedup
