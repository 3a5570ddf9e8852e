// SPDX-License-Identifier: Apache-2.0
#include "english.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

#include "ascii.hpp"

namespace farpoint::clean {

namespace {

constexpr std::size_t longest_word = 8;

/// A word as a number.
constexpr std::uint64_t packed(std::string_view word) {
  std::uint64_t result = 0;
  for (const char c : word) result = result << 8U | static_cast<unsigned char>(lowered(c));
  return result;
}

/// Without those that are frequent in other languages, too: "of" and "is" (Dutch), "to" (Polish), "for" (Danish),
/// "are" (Romanian), "have" (Danish), "was" and "will" (German), "has" (Spanish), "can" (Turkish).
constexpr std::array<std::string_view, 30> function_words = {
    "the",   "and",     "that",  "with", "this", "you",   "from",  "which", "they",   "their",
    "would", "what",    "there", "were", "been", "could", "these", "your",  "should", "than",
    "then",  "because", "who",   "how",  "when", "where", "she",   "his",   "about",  "into"};

/// A set by open addressing, made when compiling.
class WordSet {
 public:
  constexpr WordSet() {
    for (const std::string_view word : function_words) {
      std::size_t at = slot(packed(word));
      while (slots_[at] != 0) at = (at + 1) % slots_.size();
      slots_[at] = packed(word);
    }
  }

  constexpr bool contains(std::uint64_t word) const {
    for (std::size_t at = slot(word); slots_[at] != 0; at = (at + 1) % slots_.size()) {
      if (slots_[at] == word) return true;
    }
    return false;
  }

 private:
  static constexpr std::size_t slot(std::uint64_t word) { return word * 0x9e3779b97f4a7c15ULL >> 56U; }
  std::array<std::uint64_t, 256> slots_{};
};

constexpr WordSet english_only;

}  // namespace

bool is_plainly_english(std::string_view text) {
  constexpr std::size_t stretch = 32;
  constexpr std::size_t least_in_stretch = 3;
  std::size_t words = 0;
  std::size_t found = 0;
  std::size_t stretches = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_ascii_letter(text[at])) {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    while (at < text.size() && is_ascii_letter(text[at])) ++at;
    ++words;
    const std::size_t length = at - begin;
    if (length > 2 && length <= longest_word)
      found += english_only.contains(packed(text.substr(begin, length))) ? 1 : 0;
    if (words < stretch) continue;
    if (found < least_in_stretch) return false;
    ++stretches;
    words = found = 0;
  }
  // What is left cannot be judged as surely; but one word is asked of what another language could show in.
  return stretches > 0 && (found > 0 || words < stretch / 3);
}

}  // namespace farpoint::clean
