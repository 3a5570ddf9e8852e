// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "farpoint/base/machine.hpp"

namespace farpoint::dedup {

/// Minima of `rows` permutations make a band (Leskovec, Rajaraman and Ullman, "Mining of massive datasets", chapter 3).
/// A pair is a candidate where all minima of any band are the same.
struct Banding {
  std::size_t bands = 0;
  std::size_t rows = 0;
  /// That a pair of this Jaccard similarity becomes a candidate: 1 - (1 - j^rows)^bands.
  double probability(double jaccard) const;
};

/// What a banding finds at least of the pairs at its threshold, and of those 0.05 above.
inline constexpr double found_at_threshold = 0.95;
inline constexpr double found_above_threshold = 0.985;

/// The most rows a band, that is, the fewest candidates, with which permutations / rows bands find a pair at
/// `threshold` with probability 0.95 and one at threshold + 0.05 with 0.985. With 128 permutations: 18 bands of 7 at
/// 0.8, where they find 98.6 % (at 0.85 99.9 %, at 0.7 78.9 %, at 0.5 13.1 %). Throws UsageError where the threshold is
/// not in (0, 1], or too low for so few permutations.
Banding banding_for(double threshold, std::size_t permutations = 128);

/// MinHash signatures (Broder 1997), a hash a band. Permutation i of a shingle's hash, mixed to 32 bits x, is
/// (x ^ a_i) * m_i modulo 2^32 with m_i odd. Thread-safe; the same bits on every processor.
class MinHash {
 public:
  explicit MinHash(Banding banding, Instructions instructions = best_instructions());

  const Banding& banding() const { return banding_; }
  /// out: [bands]. Shingles of one text in any order, repeated or not; at least one.
  void bands(std::span<const std::uint64_t> shingles, std::span<std::uint64_t> out) const;
  /// The least value of each permutation, [bands * rows]; two texts agree in a share of about their Jaccard similarity.
  std::vector<std::uint32_t> minima(std::span<const std::uint64_t> shingles) const;

 private:
  void find_minima(std::span<const std::uint64_t> shingles, std::vector<std::uint32_t>& minima) const;

  Banding banding_;
  Instructions instructions_;
  std::vector<std::uint32_t> xors_;     ///< a_i; as the multipliers, up to a whole number of the kernel's tiles
  std::vector<std::uint32_t> factors_;  ///< m_i
};

}  // namespace farpoint::dedup
