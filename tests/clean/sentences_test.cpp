// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/sentences.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace farpoint::clean {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Sentences, end_at_marks_before_white_space) {
  EXPECT_THAT(sentences("It rains. Does it? Yes! So be it."),
              ElementsAre("It rains.", "Does it?", "Yes!", "So be it."));
  EXPECT_THAT(sentences("What?! No... Well, yes"), ElementsAre("What?!", "No...", "Well, yes"));
  EXPECT_THAT(sentences("He said \"Go!\" Then he went. (She did not.) So."),
              ElementsAre("He said \"Go!\"", "Then he went.", "(She did not.)", "So."));
  EXPECT_THAT(sentences("“Go.” He went… Then"), ElementsAre("“Go.”", "He went…", "Then"));
}

TEST(Sentences, end_at_wide_marks_anywhere) {
  EXPECT_THAT(sentences("今天下雨。真的吗？真的！好吧"), ElementsAre("今天下雨。", "真的吗？", "真的！", "好吧"));
  EXPECT_THAT(sentences("他说：“走！”然后走了。（她没走。）完"),
              ElementsAre("他说：“走！”", "然后走了。", "（她没走。）", "完"));
  EXPECT_THAT(sentences("真的？！不会吧……可能"), ElementsAre("真的？！", "不会吧……可能"));
}

TEST(Sentences, end_with_the_line) {
  EXPECT_THAT(sentences("Title\n\n  First line\r\nsecond line. Third\n"),
              ElementsAre("Title", "First line", "second line.", "Third"));
}

TEST(Sentences, do_not_end_within_numbers_names_and_abbreviations) {
  EXPECT_THAT(sentences("Pi is 3.14 or so. See a.b.c and www.example.com today."),
              ElementsAre("Pi is 3.14 or so.", "See a.b.c and www.example.com today."));
  EXPECT_THAT(sentences("Dr. Smith met Mr. J. R. Brown, e.g. at noon. Then he left."),
              ElementsAre("Dr. Smith met Mr. J. R. Brown, e.g. at noon.", "Then he left."));
  EXPECT_THAT(sentences("He lives in the U.S. Today he is here."),
              ElementsAre("He lives in the U.S. Today he is here."));
  EXPECT_THAT(sentences("So did I. You too."), ElementsAre("So did I.", "You too."));
  EXPECT_THAT(sentences("1. Take it. 2. Leave it."), ElementsAre("1. Take it.", "2. Leave it."));
  EXPECT_THAT(sentences("It was 1999. Then came 2000."), ElementsAre("It was 1999.", "Then came 2000."));
  EXPECT_THAT(sentences("Apples, pears etc. are fruit."), ElementsAre("Apples, pears etc. are fruit."));
}

TEST(Sentences, are_none_in_white_space) {
  EXPECT_THAT(sentences(""), IsEmpty());
  EXPECT_THAT(sentences(" \n\t\r\n "), IsEmpty());
}

TEST(Sentences, are_at_most_as_many_as_asked_for) {
  EXPECT_THAT(sentences("A b. C d. E f.", 2), ElementsAre("A b.", "C d."));
  EXPECT_THAT(sentences("A b. C d. E f.", 0), IsEmpty());
}

std::string without_space(std::string_view text) {
  std::string rest;
  for (const char c : text) {
    if (c != ' ' && (c < '\t' || c > '\r')) rest += c;
  }
  return rest;
}

RC_GTEST_PROP(Sentences, lose_nothing_but_white_space, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::element('a', 'B', '1', '.', '!', '?', ' ', '\n', '"', ')',
                                                                      '\xe3', '\x80', '\x82', '\xef', '\xe2', '\xa6'));
  std::string joined;
  for (const std::string_view sentence : sentences(text)) {
    RC_ASSERT(!sentence.empty());
    RC_ASSERT(sentence.data() >= text.data() && sentence.data() + sentence.size() <= text.data() + text.size());
    joined += without_space(sentence);
  }
  RC_ASSERT(joined == without_space(text));
}

TEST(Sentences, take_linear_time) {
  constexpr std::size_t many_bytes = 2'000'000;
  for (const char* piece :
       {"a", ".", ". ", " ", "e.g. ", "Dr. ", "a.", "\"", "!\"", "1. ", "\n", "。", "…", "\xe3", ".)", "I. "}) {
    std::string text = std::string(500'000, ' ');
    while (text.size() < many_bytes) text += piece;
    const auto found = sentences(text);
    EXPECT_LE(found.size(), text.size());
  }
}

TEST(Sentences, may_be_as_long_as_a_line_of_ten_megabytes) {
  EXPECT_EQ(sentences(std::string(10'000'000, 'a')).size(), 1U);
}

TEST(Sentences, may_be_a_million) {
  std::string text;
  for (int i = 0; i < 1'000'000; ++i) text += "It rains. ";
  EXPECT_EQ(sentences(text).size(), 1'000'000U);
}

}  // namespace
}  // namespace farpoint::clean
