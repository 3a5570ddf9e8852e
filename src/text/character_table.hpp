// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace farpoint::text {

/// What a code point is to the tokeniser: its folded form, if it can be part of a token at all.
class Character {
 public:
  static constexpr Character separator() { return Character(0); }
  /// Neither seen nor separating, such as a soft hyphen within a word.
  static constexpr Character ignored() { return Character(1); }
  static constexpr Character letter(std::uint32_t folded) { return Character(folded); }
  static constexpr Character ideograph(std::uint32_t folded) { return Character(folded | ideograph_flag); }

  /// Part of a word.
  constexpr bool is_letter() const { return bits_ > 1 && bits_ < ideograph_flag; }
  /// A token of its own.
  constexpr bool is_ideograph() const { return bits_ >= ideograph_flag; }
  constexpr bool is_ignored() const { return bits_ == 1; }
  constexpr std::uint32_t folded() const { return bits_ & ~ideograph_flag; }

 private:
  static constexpr std::uint32_t ideograph_flag = 1U << 31;
  explicit constexpr Character(std::uint32_t bits) : bits_(bits) {}
  std::uint32_t bits_;
};

/// Han and kana, by script extensions, so that marks shared by both kana belong; and the scripts of South-East Asia
/// that need a dictionary to break lines, such as Thai.
bool is_written_without_spaces(std::uint32_t code_point);

/// Classes by Unicode's properties. Letters, digits and the marks on them form words, in most scripts; in
/// those written without spaces (Chinese, Japanese, Thai and others) each is a token of its own, as are pictographs.
/// Case and full-width Latin are folded.
class CharacterTable {
 public:
  static const CharacterTable& instance();

  Character operator[](std::uint32_t code_point) const {
    return code_point < table_.size() ? table_[code_point] : classify(code_point);
  }
  /// The folded form of a byte that is a letter of ASCII by itself, as most are in most texts; 0 for other bytes.
  std::uint8_t ascii_letter(char byte) const { return ascii_letters_[static_cast<unsigned char>(byte)]; }

 private:
  CharacterTable();
  static Character classify(std::uint32_t code_point);

  std::vector<Character> table_;  ///< of the basic multilingual plane; what lies above is rare
  std::array<std::uint8_t, 256> ascii_letters_{};
};

}  // namespace farpoint::text
