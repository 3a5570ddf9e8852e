// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/quality_rules.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "clean/sample_texts.hpp"

namespace farpoint::clean {
namespace {

/// A hundred words, ten lines, everything in the midst of what is allowed.
TextStatistics good_text() {
  TextStatistics text;
  text.characters = 600;
  text.letters = 480;
  text.white_space = 100;
  text.words = text.alphabetic_words = 100;
  text.lines = text.terminal_lines = 10;
  text.sentences = 10;
  text.stop_words = 4;
  return text;
}

struct Case {
  const char* rule;
  double value;
  double threshold;
  std::function<void(TextStatistics&)> change;
};

template <typename Rules>
void expect_refusals(const Rules& rules, const std::vector<Case>& cases) {
  EXPECT_FALSE(refuse(rules, good_text()));
  for (const Case& c : cases) {
    TextStatistics text = good_text();
    c.change(text);
    const auto refusal = refuse(rules, text);
    ASSERT_TRUE(refusal) << c.rule;
    EXPECT_EQ(refusal->rule, c.rule);
    EXPECT_DOUBLE_EQ(refusal->value, c.value) << c.rule;
    EXPECT_EQ(refusal->threshold, c.threshold) << c.rule;
  }
}

TEST(GopherQuality, refuses_what_each_rule_is_for) {
  expect_refusals(GopherQuality{},
                  {{"min_words", 49, 50, [](TextStatistics& t) { t.words = 49; }},
                   {"max_words", 100'001, 100'000, [](TextStatistics& t) { t.words = 100'001; }},
                   {"min_mean_word_length", 2.5, 3, [](TextStatistics& t) { t.characters = 350; }},
                   {"max_mean_word_length", 10.5, 10, [](TextStatistics& t) { t.characters = 1150; }},
                   {"max_symbol_word_ratio", 0.11, 0.1, [](TextStatistics& t) { t.hash_symbols = 11; }},
                   {"max_symbol_word_ratio", 0.12, 0.1, [](TextStatistics& t) { t.ellipses = 12; }},
                   {"max_bullet_line_fraction", 1.0, 0.9, [](TextStatistics& t) { t.bullet_lines = 10; }},
                   {"max_ellipsis_line_fraction", 0.4, 0.3, [](TextStatistics& t) { t.ellipsis_lines = 4; }},
                   {"min_alphabetic_word_fraction", 0.79, 0.8, [](TextStatistics& t) { t.alphabetic_words = 79; }},
                   {"min_stop_words", 1, 2, [](TextStatistics& t) { t.stop_words = 1; }}});
}

TEST(GopherQuality, accepts_what_has_just_the_threshold) {
  TextStatistics text = good_text();
  text.words = text.alphabetic_words = 50;
  text.characters = 100 + 150;
  text.hash_symbols = text.ellipses = 5;
  text.bullet_lines = 9;
  text.ellipsis_lines = 3;
  text.alphabetic_words = 40;
  text.stop_words = 2;
  EXPECT_FALSE(refuse(GopherQuality{}, text));
}

TEST(GopherQuality, names_the_first_rule_that_refuses) {
  EXPECT_EQ(refuse(GopherQuality{}, TextStatistics{})->rule, "min_words");
  GopherQuality rules;
  rules.min_words.reset();
  EXPECT_EQ(refuse(rules, TextStatistics{})->rule, "min_mean_word_length");
}

TEST(GopherQuality, refuses_nothing_when_all_is_off) {
  GopherQuality rules;
  rules.min_words = rules.max_words = rules.min_stop_words = std::nullopt;
  rules.min_mean_word_length = rules.max_mean_word_length = rules.max_symbol_word_ratio = std::nullopt;
  rules.max_bullet_line_fraction = rules.max_ellipsis_line_fraction = rules.min_alphabetic_word_fraction = std::nullopt;
  EXPECT_FALSE(refuse(rules, TextStatistics{}));
}

TEST(GopherQuality, reads_chinese_as_chinese) {
  const std::string prose = "我们在学习如何写出好的文章，这是一个很有意思的题目。";
  EXPECT_FALSE(refuse(GopherQuality{}, text_statistics(repeated(prose, 4))));
  // No stop word, in one language or the other.
  EXPECT_EQ(refuse(GopherQuality{}, text_statistics(repeated("春眠觉晓处闻啼鸟夜来风雨声花落知多少", 4)))->rule,
            "min_stop_words");
  // Exactly half of the words are single characters: the mean length is not asked for.
  TextStatistics text = good_text();
  text.characters = 300;
  text.single_character_words = 50;
  EXPECT_FALSE(refuse(GopherQuality{}, text));
  text.single_character_words = 49;
  EXPECT_EQ(refuse(GopherQuality{}, text)->rule, "min_mean_word_length");
}

TEST(GopherQuality, judges_english_prose) {
  const std::string prose =
      "The quick brown fox jumps over the lazy dog, and that is all there is to say about it. Others have more to "
      "tell. ";
  EXPECT_FALSE(refuse(GopherQuality{}, text_statistics(repeated(prose, 3))));
  EXPECT_EQ(refuse(GopherQuality{}, text_statistics(prose))->rule, "min_words");
  EXPECT_EQ(refuse(GopherQuality{}, text_statistics(repeated("to be a x ", 30)))->rule, "min_mean_word_length");
}

TEST(C4Quality, refuses_what_each_rule_is_for) {
  C4Quality rules;
  rules.min_terminal_line_fraction = 0.12;
  expect_refusals(rules, {{"min_terminal_line_fraction", 0.1, 0.12, [](TextStatistics& t) { t.terminal_lines = 1; }},
                          {"max_curly_brackets", 1, 0, [](TextStatistics& t) { t.curly_brackets = 1; }},
                          {"max_lorem_ipsum", 2, 0, [](TextStatistics& t) { t.lorem_ipsum = 2; }},
                          {"max_javascript_line_fraction", 0.1, 0, [](TextStatistics& t) { t.javascript_lines = 1; }},
                          {"max_policy_line_fraction", 0.2, 0, [](TextStatistics& t) { t.policy_lines = 2; }},
                          {"min_sentences", 2, 3, [](TextStatistics& t) { t.sentences = 2; }}});
}

TEST(C4Quality, refuses_nothing_when_all_is_off) {
  const C4Quality rules{{}, {}, {}, {}, {}, {}};
  EXPECT_FALSE(refuse(rules, text_statistics("{ lorem ipsum javascript privacy policy")));
  EXPECT_TRUE(refuse(C4Quality{}, text_statistics("{ lorem ipsum javascript privacy policy")));
}

}  // namespace
}  // namespace farpoint::clean
