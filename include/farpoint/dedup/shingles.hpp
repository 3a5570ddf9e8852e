// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace farpoint::dedup {

/// The shingles of a text: its n-grams of words (Broder 1997, "On the resemblance and containment of documents"), as
/// 64-bit hashes with good high bits. Words are those of text/white_space_words.hpp: what stands between white space,
/// case folded, punctuation included, and single characters of scripts without spaces. A text of fewer than n words has
/// one shingle, all its words; one without words has none. Thread-safe; linear in the text, but for sorting.
class Shingler {
 public:
  /// Throws UsageError when `n`, words a shingle, is 0.
  explicit Shingler(std::size_t n);

  /// Replaces `shingles` by one hash for each place of the text, in the order of the text: what MinHash needs.
  void shingle_places(std::string_view utf8, std::vector<std::uint64_t>& shingles) const;
  /// Replaces it by the set: ascending and distinct.
  void shingle(std::string_view utf8, std::vector<std::uint64_t>& sorted_distinct) const;

 private:
  std::size_t n_;
  std::uint64_t last_factor_;  ///< of a shingle's last word
};

/// Shingles that two sets share, divided by those in either; the sets are ascending and distinct. 0 where both are
/// empty.
double jaccard(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b);

}  // namespace farpoint::dedup
