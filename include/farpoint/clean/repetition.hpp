// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace farpoint::clean {

/// How much of a text is repeated within it (Rae et al. 2021, "Scaling Language Models: Methods, Analysis & Insights
/// from Training Gopher", table A1). Everything is a share from 0 to 1 of this text; 0 for a text without lines or
/// words.
///
/// Words are those of text_statistics.hpp: runs between white space, single letters in scripts written without spaces.
/// As characters of n-grams count those of their words, without white space, among all such characters of the text.
/// Lines end at "\n"; white space around them is not seen, and lines of nothing else do not count but separate
/// paragraphs. As characters of lines count code points, that is, bytes that do not continue one.
struct Repetition {
  static constexpr std::size_t shortest_top_ngram = 2;
  static constexpr std::size_t longest_top_ngram = 4;
  static constexpr std::size_t shortest_duplicate_ngram = 5;
  static constexpr std::size_t longest_duplicate_ngram = 10;

  /// Lines that an earlier line equals: by their number, and by their characters. Gopher: at most 0.30 and 0.20.
  double duplicate_line_fraction = 0;
  double duplicate_line_character_fraction = 0;
  /// The same of paragraphs, which are equal when their lines are. Gopher: at most 0.30 and 0.20.
  double duplicate_paragraph_fraction = 0;
  double duplicate_paragraph_character_fraction = 0;

  /// The characters of the most frequent n-gram times its occurrences; of equally frequent ones, the first in the text.
  /// 0 when none occurs twice. Occurrences may overlap ("ha ha ha"); the share is 1 at most. Gopher: at most 0.20, 0.18
  /// and 0.16 for 2, 3 and 4 words.
  double top_ngram_fraction(std::size_t n) const { return top_ngram_fractions[n - shortest_top_ngram]; }
  /// Characters within n-grams that have occurred before, read from the left, each character once: behind a duplicate,
  /// reading goes on after its last word. Gopher: at most 0.15, 0.14, 0.13, 0.12, 0.11 and 0.10 for 5 to 10 words.
  double duplicate_ngram_fraction(std::size_t n) const {
    return duplicate_ngram_fractions[n - shortest_duplicate_ngram];
  }

  std::array<double, longest_top_ngram - shortest_top_ngram + 1> top_ngram_fractions{};
  std::array<double, longest_duplicate_ngram - shortest_duplicate_ngram + 1> duplicate_ngram_fractions{};
};

/// What is computed; the rest of Repetition stays 0 and costs nothing.
struct RepetitionParts {
  bool lines = false;
  bool paragraphs = false;
  unsigned top_ngrams = 0;        ///< bit n for n-grams, such as 1U << 2 | 1U << 4; 2 to 4 are possible
  unsigned duplicate_ngrams = 0;  ///< bit n for n-grams; 5 to 10 are possible

  static constexpr RepetitionParts all() { return {true, true, 0x1CU, 0x7E0U}; }
};

/// Thread-safe: each thread keeps a work space, of 32 MiB at most between calls. Takes up to 70 bytes for each word of
/// the text. Linear in the length of the text for each part. Lines and n-grams are compared by 64-bit hashes (XXH3).
/// Bytes that are not UTF-8 are symbols within words. Throws Error for texts of more than 2^32 - 1 bytes.
Repetition repetition(std::string_view utf8, const RepetitionParts& parts);

}  // namespace farpoint::clean
