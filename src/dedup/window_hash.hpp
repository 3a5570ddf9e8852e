// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "farpoint/base/hash.hpp"
#include "farpoint/text/written_words.hpp"

namespace farpoint::dedup {

/// Hashes of windows of n words by which they are taken for equal: two polynomials in fixed, unrelated points modulo
/// the prime p = 2^61 - 1 (Karp and Rabin 1987, "Efficient randomized pattern-matching algorithms"), whose coefficients
/// are the halves of the words' XXH3-128.
///
/// How safe that is: take XXH3 for random. That any two of the different words of a corpus agree in 122 bits has a
/// chance of 2^-43 even if 10^12 tokens are all different. Words of different hashes given, the difference of two
/// windows' polynomials is a sum over words, each times what its places add up to: a polynomial in the point, of
/// degree below n, not zero for some word. It has at most n roots modulo p, and elsewhere the word's value, which is
/// random, must hit one of p values: for both polynomials a chance of ((n + 1) / p)^2, or 2^-110 for n = 50. There are
/// 2^79 pairs of windows in 10^12 tokens: no false repeat, but for a chance of 2^-31.
class WindowHash {
 public:
  /// n = `words` is at least 1.
  explicit WindowHash(std::size_t words);

  /// Turns to another text, which must outlive the calls of of().
  void begin(std::string_view text, std::span<const text::WrittenWord> words);
  /// The hash of the words [window, window + n). Windows of a text are asked for in ascending order; all together cost
  /// O(1) a word that lies in one of them.
  Hash128 of(std::size_t window);

 private:
  struct Value {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
  };
  void enter();
  void leave();

  std::size_t size_;
  Value oldest_factor_;  ///< of a window's first word
  std::string_view text_;
  std::span<const text::WrittenWord> words_;
  std::vector<Value> values_;  ///< of the words that have entered
  std::size_t first_ = 0;      ///< the words [first_, end_) are in sum_
  std::size_t end_ = 0;
  Value sum_;
};

}  // namespace farpoint::dedup
