// SPDX-License-Identifier: Apache-2.0
#include "farpoint/text/written_words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <string>
#include <vector>

#include "farpoint/base/hash.hpp"
#include "text/character_table.hpp"

namespace farpoint::text {
namespace {

std::vector<std::string> words_of(std::string_view text) {
  std::vector<WrittenWord> words;
  append_written_words(text, words);
  std::vector<std::string> strings;
  for (const WrittenWord& word : words) strings.emplace_back(text.substr(word.begin, word.end - word.begin));
  return strings;
}

/// One character after the other, by the properties that Unicode's tables give.
std::vector<std::string> reference(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) words.push_back(word);
    word.clear();
  };
  const auto size = static_cast<std::int32_t>(text.size());
  for (std::int32_t at = 0; at < size;) {
    const std::int32_t begin = at;
    UChar32 c = 0;
    U8_NEXT(text.data(), at, size, c);
    const auto bytes = text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(at - begin));
    if (c >= 0 && u_isUWhiteSpace(c) != 0) {
      end_word();
    } else if (c >= 0 && is_written_without_spaces(static_cast<std::uint32_t>(c))) {
      end_word();
      words.emplace_back(bytes);
    } else {
      word += bytes;
    }
  }
  end_word();
  return words;
}

TEST(WrittenWords, stand_between_white_space_as_they_are) {
  EXPECT_THAT(words_of(" Red,  blue\tRED\r\n(red) \x01 a\u00a0b\u3000"),
              testing::ElementsAre("Red,", "blue", "RED", "(red)", "\x01", "a", "b"));
  EXPECT_THAT(words_of(""), testing::IsEmpty());
  EXPECT_THAT(words_of(" \n\u2003"), testing::IsEmpty());
}

TEST(WrittenWords, are_single_characters_of_scripts_without_spaces) {
  EXPECT_THAT(words_of("我爱NLP，かな！"), testing::ElementsAre("我", "爱", "NLP，", "か", "な", "！"));
  EXPECT_THAT(words_of("ไทย"), testing::ElementsAre("ไ", "ท", "ย"));
  EXPECT_THAT(words_of("한국어 слово"), testing::ElementsAre("한국어", "слово"));
  EXPECT_THAT(words_of("\U00020000\U00020000"), testing::ElementsAre("\U00020000", "\U00020000"));
}

TEST(WrittenWords, keep_bytes_that_are_not_utf8) {
  EXPECT_THAT(words_of("a\xff"
                       "z \xe6\x88 \xe6\x88\x91\xf0\x9f"),
              testing::ElementsAre("a\xff"
                                   "z",
                                   "\xe6\x88", "\xe6\x88\x91", "\xf0\x9f"));
}

RC_GTEST_PROP(WrittenWords, are_those_of_the_reference, ()) {
  static const std::vector<std::string> pieces = {
      "a",    "bc",       "defghijkl",  " ",          "\n",     "\x1c",     "\x7f",
      "\x80", "我",       "\u3000",     "\u0085",     "\u2028", "\u00e9",   "\u0301",
      "ท",    "\xe6\x88", "\U0001f600", "\U00020001", "!",      "\xf0\x90", std::string(1, '\0')};
  const auto chosen = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, pieces.size()));
  std::string text;
  for (const std::size_t i : chosen) text += pieces[i];

  RC_ASSERT(words_of(text) == reference(text));

  std::vector<WrittenWord> words;
  append_written_words(text, words);
  for (const WrittenWord& word : words) {
    RC_ASSERT(word.hash == hash64(std::string_view(text).substr(word.begin, word.end - word.begin)));
  }
}

}  // namespace
}  // namespace farpoint::text
