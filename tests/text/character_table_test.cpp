// SPDX-License-Identifier: Apache-2.0
#include "text/character_table.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace farpoint::text {
namespace {

const CharacterTable& table = CharacterTable::instance();

TEST(CharacterTable, folds_case_and_full_width_letters) {
  EXPECT_EQ(table[U'A'].folded(), U'a');
  EXPECT_EQ(table[U'É'].folded(), U'é');
  EXPECT_EQ(table[U'Σ'].folded(), U'σ');
  EXPECT_EQ(table[U'ς'].folded(), U'σ');
  EXPECT_EQ(table[U'Ｚ'].folded(), U'z');
  EXPECT_EQ(table[U'𐐀'].folded(), U'𐐨');
}

TEST(CharacterTable, tells_letters_from_characters_that_stand_alone) {
  for (const char32_t letter : {U'a', U'7', U'７', U'ñ', U'я', U'ع', U'한', U'क', U'ि', U'𐐀'}) {
    EXPECT_TRUE(table[letter].is_letter()) << std::hex << static_cast<std::uint32_t>(letter);
    EXPECT_FALSE(table[letter].is_ideograph()) << std::hex << static_cast<std::uint32_t>(letter);
  }
  for (const char32_t alone : {U'中', U'〇', U'々', U'の', U'カ', U'ー', U'ก', U'𠀀', U'😀'}) {
    EXPECT_FALSE(table[alone].is_letter()) << std::hex << static_cast<std::uint32_t>(alone);
    EXPECT_TRUE(table[alone].is_ideograph()) << std::hex << static_cast<std::uint32_t>(alone);
  }
}

TEST(CharacterTable, takes_punctuation_and_unknown_code_points_for_separators) {
  for (const char32_t c : {U' ', U'\n', U'.', U'+', U'，', U'。', U'\u3000', U'\uFFFD', char32_t{0}, char32_t{0xE000},
                           char32_t{0xD800}, char32_t{0x10FFFF}}) {
    EXPECT_FALSE(table[c].is_letter()) << std::hex << static_cast<std::uint32_t>(c);
    EXPECT_FALSE(table[c].is_ideograph()) << std::hex << static_cast<std::uint32_t>(c);
    EXPECT_FALSE(table[c].is_ignored()) << std::hex << static_cast<std::uint32_t>(c);
  }
}

TEST(CharacterTable, ignores_what_is_not_to_be_seen) {
  for (const char32_t c : {U'\u00ad', U'\u200b', U'\u200d', U'\ufe0f', U'\ufeff'}) {
    EXPECT_TRUE(table[c].is_ignored()) << std::hex << static_cast<std::uint32_t>(c);
  }
}

}  // namespace
}  // namespace farpoint::text
