// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "ascii.hpp"

namespace farpoint::clean {

/// Up to eight ASCII letters in lower case as a number, the first one in the lowest byte. The rest is 0.
using PackedWord = std::uint64_t;

inline constexpr std::size_t longest_packed_word = 8;

/// `word` has at most eight letters.
constexpr PackedWord packed(std::string_view word) {
  PackedWord result = 0;
  for (std::size_t i = word.size(); i > 0; --i)
    result = result << 8U | static_cast<unsigned char>(lowered(word[i - 1]));
  return result;
}

/// The letters at the beginning of eight bytes.
struct LeadingLetters {
  std::size_t count = 0;  ///< 8 also when more may follow
  PackedWord word = 0;
};

/// `bytes` has at least eight. About as many instructions as one letter at a time costs for two.
inline LeadingLetters leading_letters(const char* bytes) {
  static_assert(std::endian::native == std::endian::little);
  constexpr std::uint64_t ones = 0x0101010101010101ULL;
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  const std::uint64_t lower = word | 0x20 * ones;
  // In each byte, the highest bit is set by carry from 'a' on, and from behind 'z' on.
  const std::uint64_t seven_bits = lower & 0x7F * ones;
  const std::uint64_t from_a = seven_bits + (0x80 - 'a') * ones;
  const std::uint64_t behind_z = seven_bits + (0x80 - 'z' - 1) * ones;
  const std::uint64_t others = ~(from_a & ~behind_z & ~lower) & 0x80 * ones;
  if (others == 0) return {longest_packed_word, lower};
  const auto count = static_cast<std::size_t>(std::countr_zero(others)) / 8;
  return {count, lower & ((std::uint64_t{1} << (8 * count)) - 1)};
}

/// Whether the word begins with `beginning`.
constexpr bool begins(PackedWord word, std::string_view beginning) {
  return (word & ((std::uint64_t{1} << (8 * beginning.size())) - 1)) == packed(beginning);
}

/// Whether there is a "j" in the word.
constexpr bool contains_j(PackedWord word) {
  constexpr std::uint64_t ones = 0x0101010101010101ULL;
  const std::uint64_t zero_for_j = word ^ 'j' * ones;
  return ((zero_for_j - ones) & ~zero_for_j & 0x80 * ones) != 0;
}

/// Which words of a small set have been seen. Eight of them: each has a bit, found by a perfect hash without a branch.
class StopWords {
 public:
  /// The stop words of Gopher.
  static constexpr std::array<std::string_view, 8> words = {"the", "be", "to", "of", "and", "that", "have", "with"};

  void see(PackedWord word) {
    const std::size_t at = slot(word, table.factor);
    seen_ |= (table.slots[at] == word ? 1U : 0U) << at;
  }

  std::uint64_t seen() const { return static_cast<std::uint64_t>(std::popcount(seen_)); }

 private:
  struct Table {
    std::uint64_t factor = 0;
    std::array<PackedWord, 8> slots{};
  };

  static constexpr std::size_t slot(PackedWord word, std::uint64_t factor) { return word * factor >> 61U; }

  /// Tries factors until no two words meet.
  static constexpr Table make_table() {
    for (std::uint64_t factor = 0x9e3779b97f4a7c15ULL;; factor *= 0xff51afd7ed558ccdULL) {
      Table found{factor, {}};
      std::size_t placed = 0;
      for (const std::string_view word : words) {
        PackedWord& entry = found.slots[slot(packed(word), factor)];
        placed += entry == 0 ? 1 : 0;
        entry = packed(word);
      }
      if (placed == words.size()) return found;
    }
  }

  static const Table table;
  unsigned seen_ = 0;
};

inline constexpr StopWords::Table StopWords::table = StopWords::make_table();

}  // namespace farpoint::clean
