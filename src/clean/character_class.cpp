// SPDX-License-Identifier: Apache-2.0
#include "character_class.hpp"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <iterator>
#include <string_view>

namespace farpoint::clean {

namespace {

constexpr std::uint32_t plane_size = 0x10000;
constexpr UChar32 last_of_ascii = 0x7F;

/// As in the built-in embedding (src/text/character_table.cpp).
bool is_written_without_spaces(UChar32 c) {
  if (u_getIntPropertyValue(c, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT) return true;
  return uscript_hasScript(c, USCRIPT_HAN) || uscript_hasScript(c, USCRIPT_HIRAGANA) ||
         uscript_hasScript(c, USCRIPT_KATAKANA);
}

bool is_among(std::u32string_view characters, UChar32 c) {
  return characters.find(static_cast<char32_t>(c)) != std::u32string_view::npos;
}

CharacterKind kind_of(UChar32 c) {
  const std::uint32_t category = U_GET_GC_MASK(c);
  if (u_hasBinaryProperty(c, UCHAR_WHITE_SPACE)) return CharacterKind::white_space;
  if ((category & U_GC_L_MASK) != 0) {
    return is_written_without_spaces(c) ? CharacterKind::ideograph : CharacterKind::letter;
  }
  if ((category & U_GC_N_MASK) != 0) return CharacterKind::digit;
  if ((category & (U_GC_M_MASK | U_GC_CF_MASK)) != 0) return CharacterKind::mark;
  // What prose has. The rest of ASCII's punctuation belongs to code and markup.
  const bool common = c <= last_of_ascii ? is_among(U".,;:!?'\"()-[]/&", c) : (category & U_GC_P_MASK) != 0;
  return common ? CharacterKind::punctuation : CharacterKind::symbol;
}

}  // namespace

const CharacterClasses& CharacterClasses::instance() {
  static const CharacterClasses classes;
  return classes;
}

CharacterClasses::CharacterClasses() {
  table_.reserve(plane_size);
  for (std::uint32_t c = 0; c < plane_size; ++c) table_.push_back(classify(c));
}

CharacterClass CharacterClasses::classify(std::uint32_t code_point) {
  const auto c = static_cast<UChar32>(code_point);
  const bool is_quotation = is_among(U"\"'”’»›」』＂＇", c);
  const bool is_closing = is_quotation || (U_GET_GC_MASK(c) & (U_GC_PE_MASK | U_GC_PF_MASK)) != 0;
  const auto stop_word = std::ranges::find(chinese_stop_words, code_point);
  CharacterClass result(kind_of(c));
  const auto set = [&](bool has, unsigned flag) {
    result.bits_ = static_cast<std::uint16_t>(result.bits_ | (has ? flag : 0U));
  };
  set(u_hasBinaryProperty(c, UCHAR_S_TERM) != 0, CharacterClass::sentence_terminal);
  set(is_closing, CharacterClass::closing);
  set(is_quotation, CharacterClass::closing_quotation);
  set(is_among(U"•‣▪●◦", c), CharacterClass::bullet);
  set(is_among(U"-*·", c), CharacterClass::possible_bullet);
  if (stop_word != std::end(chinese_stop_words)) {
    const auto place = static_cast<unsigned>(stop_word - std::begin(chinese_stop_words)) + 1;
    set(true, place << CharacterClass::stop_word_shift);
  }
  return result;
}

}  // namespace farpoint::clean
