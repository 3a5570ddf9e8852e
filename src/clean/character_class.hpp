// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace farpoint::clean {

enum class CharacterKind : std::uint8_t { white_space, letter, ideograph, digit, mark, punctuation, symbol };

/// What the rules ask of a code point. `ideograph` is a letter of a script written without spaces.
class CharacterClass {
 public:
  constexpr CharacterClass() = default;
  constexpr explicit CharacterClass(CharacterKind kind) : bits_(static_cast<std::uint16_t>(kind)) {}

  constexpr CharacterKind kind() const { return static_cast<CharacterKind>(bits_ & kind_mask); }
  /// Any of the following.
  constexpr bool is_special() const { return bits_ > kind_mask; }
  constexpr bool ends_sentence() const { return (bits_ & sentence_terminal) != 0; }
  /// Of quotations or brackets; also where opening and closing ones look alike.
  constexpr bool closes() const { return (bits_ & closing) != 0; }
  constexpr bool closes_quotation() const { return (bits_ & closing_quotation) != 0; }
  constexpr bool is_bullet() const { return (bits_ & bullet) != 0; }
  /// A bullet if a blank follows.
  constexpr bool may_be_bullet() const { return (bits_ & possible_bullet) != 0; }
  /// From 1 to 10, the place among chinese_stop_words; 0 for all other characters.
  constexpr unsigned chinese_stop_word() const { return bits_ >> stop_word_shift; }

 private:
  friend class CharacterClasses;
  static constexpr unsigned kind_mask = 7;
  static constexpr unsigned sentence_terminal = 8;
  static constexpr unsigned closing = 16;
  static constexpr unsigned closing_quotation = 32;
  static constexpr unsigned bullet = 64;
  static constexpr unsigned possible_bullet = 128;
  static constexpr unsigned stop_word_shift = 8;
  std::uint16_t bits_ = 0;
};

/// The stop words of one character, by which Chinese prose is known.
inline constexpr char32_t chinese_stop_words[] = {U'的', U'了', U'是', U'在', U'和', U'有', U'不', U'我', U'这', U'个'};

/// Classes by Unicode's properties.
class CharacterClasses {
 public:
  static const CharacterClasses& instance();

  CharacterClass operator[](std::uint32_t code_point) const {
    return code_point < table_.size() ? table_[code_point] : classify(code_point);
  }

 private:
  CharacterClasses();
  static CharacterClass classify(std::uint32_t code_point);

  std::vector<CharacterClass> table_;  ///< of the basic multilingual plane; what lies above is rare
};

}  // namespace farpoint::clean
