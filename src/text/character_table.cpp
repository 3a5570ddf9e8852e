// SPDX-License-Identifier: Apache-2.0
#include "character_table.hpp"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

namespace farpoint::text {

namespace {

constexpr std::uint32_t plane_size = 0x10000;
constexpr UChar32 replacement_character = 0xFFFD;

/// ASCII as typed with a Chinese or Japanese keyboard.
UChar32 narrow(UChar32 c) {
  constexpr UChar32 first_wide = 0xFF01;
  constexpr UChar32 last_wide = 0xFF5E;
  return c >= first_wide && c <= last_wide ? c - first_wide + '!' : c;
}

}  // namespace

bool is_written_without_spaces(std::uint32_t code_point) {
  const auto c = static_cast<UChar32>(code_point);
  if (u_getIntPropertyValue(c, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT) return true;
  return uscript_hasScript(c, USCRIPT_HAN) || uscript_hasScript(c, USCRIPT_HIRAGANA) ||
         uscript_hasScript(c, USCRIPT_KATAKANA);
}

const CharacterTable& CharacterTable::instance() {
  static const CharacterTable table;
  return table;
}

CharacterTable::CharacterTable() {
  table_.reserve(plane_size);
  for (std::uint32_t c = 0; c < plane_size; ++c) table_.push_back(classify(c));
  for (std::uint32_t c = 0; c < 0x80; ++c) {
    if (table_[c].is_letter()) ascii_letters_[c] = static_cast<std::uint8_t>(table_[c].folded());
  }
}

Character CharacterTable::classify(std::uint32_t code_point) {
  constexpr std::uint32_t word_parts = U_GC_L_MASK | U_GC_M_MASK | U_GC_ND_MASK | U_GC_NL_MASK;
  const UChar32 c = narrow(static_cast<UChar32>(code_point));
  if (u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) return Character::ignored();
  const auto folded = static_cast<std::uint32_t>(u_foldCase(c, U_FOLD_CASE_DEFAULT));
  const std::uint32_t category = U_GET_GC_MASK(c);
  if ((category & word_parts) != 0) {
    return is_written_without_spaces(static_cast<std::uint32_t>(c)) ? Character::ideograph(folded)
                                                                    : Character::letter(folded);
  }
  const bool pictograph = (category & U_GC_SO_MASK) != 0 && c != replacement_character;
  return pictograph ? Character::ideograph(folded) : Character::separator();
}

}  // namespace farpoint::text
