// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "farpoint/text/written_words.hpp"

namespace farpoint::dedup {

/// The row of words that stands for windows in a row: the one with the least hash in each of them.
struct Fingerprint {
  std::uint64_t hash = 0;
  std::uint32_t first_window = 0;
  std::uint32_t end_window = 0;
  bool tied = false;  ///< one of these windows has another row with this hash
};

/// Fingerprints by robust winnowing (Schleimer, Wilkerson, Aiken 2003, "Winnowing: Local Algorithms for Document
/// Fingerprinting", section 3): of each window of n words the row of k = ceil(n/2) words with the least hash, of which
/// it has n - k + 1. As far as hashes of texts are random, 2 / (n - k + 2) of them a word.
///
/// The least hash depends on the words of the window alone, so equal windows have equal ones. Hence, if two equal
/// windows lie anywhere in a corpus, then either their fingerprints are two with the same hash, or they overlap and
/// share one; then its row stands in the first window once more, where it has its place in the second, and the
/// fingerprint is tied. So windows whose fingerprint is neither tied nor equal to another are unique.
class Winnowing {
 public:
  /// n = `words` is at least 1.
  explicit Winnowing(std::size_t words);

  /// Of one text, in its order, each window under exactly one of them: none for fewer than n words. They hold until the
  /// next call. Linear: at most n/2 steps a word, on average two or so.
  std::span<const Fingerprint> fingerprints(std::span<const text::WrittenWord> words);

 private:
  void hash_rows(std::span<const text::WrittenWord> words);
  void choose(std::size_t window);

  std::size_t row_;                  ///< words of a row
  std::size_t rows_;                 ///< of a window
  std::uint64_t oldest_factor_ = 1;  ///< of a row's first word in its hash
  std::vector<std::uint64_t> hashes_;
  std::size_t chosen_ = 0;
  std::vector<Fingerprint> fingerprints_;
};

}  // namespace farpoint::dedup
