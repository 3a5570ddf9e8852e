// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/text_statistics.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "clean/reference.hpp"
#include "clean/sample_texts.hpp"

namespace farpoint::clean {
namespace {

std::vector<std::uint64_t> numbers(const TextStatistics& s) {
  return {s.characters,
          s.letters,
          s.digits,
          s.white_space,
          s.punctuation,
          s.symbols,
          s.words,
          s.alphabetic_words,
          s.single_character_words,
          s.lines,
          s.bullet_lines,
          s.ellipsis_lines,
          s.terminal_lines,
          s.javascript_lines,
          s.policy_lines,
          s.stop_words,
          s.chinese_stop_words,
          s.hash_symbols,
          s.ellipses,
          s.curly_brackets,
          s.lorem_ipsum,
          s.sentences};
}

void expect_reference(std::string_view text) {
  EXPECT_EQ(numbers(text_statistics(text)), numbers(reference::text_statistics(text))) << text.substr(0, 200);
}

TEST(TextStatistics, count_characters_by_kind) {
  const TextStatistics s = text_statistics("Ab1 ²é你。#…\t\xff");
  EXPECT_EQ(s.characters, 12U);
  EXPECT_EQ(s.letters, 4U);
  EXPECT_EQ(s.digits, 2U);
  EXPECT_EQ(s.white_space, 2U);
  EXPECT_EQ(s.punctuation, 2U);
  EXPECT_EQ(s.symbols, 2U) << "# and the byte that is not UTF-8";
  EXPECT_EQ(text_statistics("").characters, 0U);
  // A letter and an accent of its own: neither letter nor symbol.
  EXPECT_EQ(text_statistics("e\u0301").letters, 1U);
  EXPECT_EQ(text_statistics("e\u0301").symbols, 0U);
}

TEST(TextStatistics, count_words) {
  struct Case {
    const char* text;
    std::uint64_t words;
    std::uint64_t alphabetic;
    std::uint64_t single;
  };
  for (const Case& c : std::vector<Case>{{"", 0, 0, 0},
                                         {" \n", 0, 0, 0},
                                         {"one", 1, 1, 0},
                                         {" one  two\nthree ", 3, 3, 0},
                                         {"it's 5 o'clock -- now.", 5, 3, 0},
                                         {"你好世界", 4, 4, 4},
                                         {"“你好”，世界。", 4, 4, 4},
                                         {"用Python写", 3, 3, 2},
                                         {"第3章", 3, 2, 2},
                                         {"한국어 텍스트", 2, 2, 0},
                                         {"ไทย", 3, 3, 3},
                                         {"né\u00a0e\u3000x", 3, 3, 0}}) {
    const TextStatistics s = text_statistics(c.text);
    EXPECT_EQ(s.words, c.words) << c.text;
    EXPECT_EQ(s.alphabetic_words, c.alphabetic) << c.text;
    EXPECT_EQ(s.single_character_words, c.single) << c.text;
  }
}

TEST(TextStatistics, judge_lines) {
  const TextStatistics s = text_statistics(
      "- a point\n* another...  \n•third…\r\n-4 degrees.\n\n   \n· \"quoted\"\n他说：“好。”\nMenu\nWait . . .\n"
      "Uses JavaScript!\nWe use cookies");
  EXPECT_EQ(s.lines, 10U);
  EXPECT_EQ(s.bullet_lines, 4U) << "- * • ·, but not -4";
  EXPECT_EQ(s.ellipsis_lines, 2U);
  EXPECT_EQ(s.terminal_lines, 5U) << "degrees. \"quoted\" 好。” . . . JavaScript!";
  EXPECT_EQ(s.javascript_lines, 1U);
  EXPECT_EQ(s.policy_lines, 1U);
}

TEST(TextStatistics, find_stop_words_and_symbols) {
  EXPECT_EQ(text_statistics("The end, (of) THE \"that\" to-be haven't withe").stop_words, 3U);
  EXPECT_EQ(text_statistics("the be to of and that have with ").stop_words, 8U);
  EXPECT_EQ(text_statistics("the\u0301 thé").stop_words, 1U) << "a mark behind a word is beside it";
  EXPECT_EQ(text_statistics("我的书是我的").chinese_stop_words, 3U);
  const TextStatistics s = text_statistics("## Wait.... {really} …… {Lorem  ipsum} LOREM IPSUMS ......");
  EXPECT_EQ(s.hash_symbols, 2U);
  EXPECT_EQ(s.ellipses, 1U + 2U + 2U);
  EXPECT_EQ(s.curly_brackets, 2U);
  EXPECT_EQ(s.lorem_ipsum, 1U);
}

TEST(TextStatistics, find_boilerplate_in_any_case_within_words_and_at_the_edges) {
  for (const char* text :
       {"javascript", "xJAVASCRIPTx", "jjjavascript", "1javascript2", "Terms Of Use", "x privacy policy",
        "Cookie Policyholders", "because cookies", "reuses cookies", "use of cookies"}) {
    const TextStatistics s = text_statistics(text);
    EXPECT_EQ(s.javascript_lines + s.policy_lines, 1U) << text;
    expect_reference(text);
  }
  for (const char* text : {"java script", "javascrip", "terms  of use", "policy", "use", "cookies", "of use",
                           "privacy\npolicy", "user cookies", "javascrépt"}) {
    const TextStatistics s = text_statistics(text);
    EXPECT_EQ(s.javascript_lines + s.policy_lines, 0U) << text;
    expect_reference(text);
  }
}

TEST(TextStatistics, count_sentences) {
  struct Case {
    const char* text;
    std::uint64_t sentences;
  };
  for (const Case& c : std::vector<Case>{{"", 0},
                                         {"No end", 0},
                                         {"One. Two! Three?", 3},
                                         {"Version 3.14 is out.", 1},
                                         {"He said \"go.\" And (left.) Really?!", 3},
                                         {"Wait...", 1},
                                         {"你好。世界！？", 2},
                                         {"「是。」她说。", 2}}) {
    EXPECT_EQ(text_statistics(c.text).sentences, c.sentences) << c.text;
  }
}

TEST(TextStatistics, have_ratios_that_are_0_for_nothing) {
  const TextStatistics none;
  for (const double ratio :
       {mean_word_length(none), symbol_word_ratio(none), bullet_line_fraction(none), ellipsis_line_fraction(none),
        alphabetic_word_fraction(none), symbol_character_fraction(none), digit_character_fraction(none)}) {
    EXPECT_EQ(ratio, 0.0);
  }
  EXPECT_EQ(mean_word_length(text_statistics("ab abcd")), 3.0);
  EXPECT_EQ(symbol_word_ratio(text_statistics("# a ... b … c")), 2.0 / 6.0);
}

RC_GTEST_PROP(TextStatistics, are_those_of_the_reference, ()) {
  const auto piece = rc::gen::element<std::string>(
      "the ", "of", "and, ", "that. ", "have", "with", "be", "Word", "letters", "eightlet ", "ninelette ", "javascript",
      "use ", "uses ", "cookies", "terms of ", "privacy ", "Policy", "lorem ", "ipsum", " ", "  ", "\n", "\r\n", "\t",
      "-", "- ", "* ", "•", "·", ".", "..", "...", "…", "!", "? ", "\"", "'", ")", "(", "”", "。", "？", "，", "」",
      "#", "{", "1", "²", "你", "的", "是好", "か", "ไ", "ท\u0e35", "é", "\u0301", "\u200d", "\u00a0", "\u3000", "한",
      "😀", "𠀀", "\xff", "\xe4\xbd", "\xf0\x9f", "a", "B");
  const std::string text = *joined(rc::gen::container<std::vector<std::string>>(piece));
  RC_ASSERT(numbers(text_statistics(text)) == numbers(reference::text_statistics(text)));
}

RC_GTEST_PROP(TextStatistics, are_those_of_the_reference_for_plain_prose, ()) {
  const auto piece = rc::gen::element<std::string>("the ", "of ", "and, ", "to. ", "have; ", "word ", "lettered ",
                                                   "ninelette ", "tenletters ", "What? ", "use ", "cookies ", "policy ",
                                                   "a", "z", "A", "Z", "@", "[", "`", "{", "\n", "it's ", "- ");
  const std::string text = *rc::gen::resize(400, joined(rc::gen::container<std::vector<std::string>>(piece)));
  RC_ASSERT(numbers(text_statistics(text)) == numbers(reference::text_statistics(text)));
}

RC_GTEST_PROP(TextStatistics, take_any_bytes, (const std::string& bytes)) {
  RC_ASSERT(numbers(text_statistics(bytes)) == numbers(reference::text_statistics(bytes)));
}

TEST(TextStatistics, know_every_character) {
  for (std::uint32_t c = 0; c <= 0x10FFFF; c += c < 0x3000 ? 1 : 7) {
    std::string text = "x";
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    if (c < 0x80) {
      text += static_cast<char>(c);
    } else {
      if (c >= 0x10000) text += static_cast<char>(0xF0 | c >> 18);
      if (c >= 0x10000) text += static_cast<char>(0x80 | (c >> 12 & 0x3F));
      if (c >= 0x800 && c < 0x10000) text += static_cast<char>(0xE0 | c >> 12);
      if (c >= 0x800) text += static_cast<char>(0x80 | (c >> 6 & 0x3F));
      if (c < 0x800) text += static_cast<char>(0xC0 | c >> 6);
      text += static_cast<char>(0x80 | (c & 0x3F));
    }
    text += 'y';
    ASSERT_EQ(numbers(text_statistics(text)), numbers(reference::text_statistics(text))) << c;
  }
}

TEST(TextStatistics, take_linear_time_on_hostile_texts) {
  constexpr std::size_t ten_million = 10'000'000;
  EXPECT_EQ(text_statistics(std::string(ten_million, 'a')).words, 1U);
  EXPECT_EQ(text_statistics(std::string(ten_million, '\n')).lines, 0U);
  EXPECT_EQ(text_statistics(std::string(ten_million, '.')).ellipses, ten_million / 3);
  EXPECT_EQ(text_statistics(std::string(ten_million, '\x80')).symbols, ten_million);
  EXPECT_EQ(text_statistics("a" + repeated("\u0301", 1'000'000)).words, 1U);
  EXPECT_EQ(text_statistics(repeated("javascrip", 1'000'000)).javascript_lines, 0U);
  EXPECT_EQ(text_statistics(repeated("use ", 2'500'000)).policy_lines, 0U);
  EXPECT_EQ(text_statistics(repeated("。", 3'000'000)).sentences, 1U);
}

}  // namespace
}  // namespace farpoint::clean
