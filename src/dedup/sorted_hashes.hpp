// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace farpoint::dedup {

/// Says of nearly all hashes that are not in a set that they are not: a Bloom filter whose three bits for a hash are in
/// one word (Putze, Sanders, Singler 2007, "Cache-, Hash- and Space-Efficient Bloom Filters"). 2 to 4 bytes a hash; of
/// the others about one in 200 passes, if hashes spread evenly.
class HashFilter {
 public:
  /// For so many hashes.
  explicit HashFilter(std::size_t hashes);

  void add(std::uint64_t hash) { words_[hash >> shift_] |= bits_of(hash); }
  /// Never false for one that was added.
  bool may_have(std::uint64_t hash) const { return (~words_[hash >> shift_] & bits_of(hash)) == 0; }

 private:
  /// Not from the lowest bits of the hash, which may be weaker, nor from the highest, which choose the word.
  static std::uint64_t bits_of(std::uint64_t hash) {
    return std::uint64_t{1} << (hash >> 12 & 63) | std::uint64_t{1} << (hash >> 18 & 63) |
           std::uint64_t{1} << (hash >> 24 & 63);
  }

  unsigned shift_;
  std::vector<std::uint64_t> words_;
};

inline constexpr std::size_t no_position = ~std::size_t{0};

/// Where `hash` stands in `sorted`, which is ascending and without repetition, or no_position. O(1) for hashes that
/// spread evenly, O(log n) for any.
std::size_t find_hash(std::span<const std::uint64_t> sorted, std::uint64_t hash);

/// A set of hashes: both of the above.
class SortedHashes {
 public:
  /// `sorted`: ascending, without repetition; it must outlive this object, where it is.
  explicit SortedHashes(std::span<const std::uint64_t> sorted);

  bool contains(std::uint64_t hash) const { return filter_.may_have(hash) && find_hash(sorted_, hash) != no_position; }

 private:
  std::span<const std::uint64_t> sorted_;
  HashFilter filter_;
};

}  // namespace farpoint::dedup
