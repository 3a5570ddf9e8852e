// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace farpoint::text {

/// Hashed n-grams, the features of data selection by importance resampling (Xie et al. 2023, "Data Selection for
/// Language Models via Importance Resampling", section 4): each word and each row of 2 to n words of a text is an
/// occurrence of one of `buckets` features. Words are those of the built-in embedding: runs of letters, digits and
/// marks with case and full-width forms folded; characters of scripts written without spaces, and pictographs, are
/// words of their own; punctuation is not read. The same text gives the same features on any rank and machine, given
/// the same version of Unicode's tables (ICU).
class HashedNgrams {
 public:
  static constexpr std::size_t most_buckets = std::size_t{1} << 20;
  static constexpr std::size_t longest_ngram = 8;

  /// Throws UsageError unless 2 <= buckets <= most_buckets and 1 <= n <= longest_ngram.
  HashedNgrams(std::size_t buckets, std::size_t n);

  std::size_t buckets() const { return buckets_; }

  /// Adds the occurrences of each feature in `utf8` to counts[bucket], and returns how many these are: 0 for a text
  /// without a word. `counts`: [buckets]. Thread-safe on counts that no other thread has.
  std::uint64_t count(std::string_view utf8, std::span<std::uint64_t> counts) const;

  struct Score {
    double sum = 0;  ///< of the weights of all occurrences, added in the order of the text
    std::uint64_t occurrences = 0;
  };
  /// `weights`: [buckets]. Thread-safe.
  Score score(std::string_view utf8, std::span<const double> weights) const;

 private:
  std::size_t buckets_;
  std::size_t n_;
};

}  // namespace farpoint::text
