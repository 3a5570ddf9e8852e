// SPDX-License-Identifier: Apache-2.0
#include "farpoint/score/answer_match.hpp"

#include <gtest/gtest.h>

namespace farpoint::score {
namespace {

bool matches(const std::string& answer, std::string_view generated, AnswerMatch match = AnswerMatch::prefix) {
  return AnswerMatcher(std::vector{answer}, match).matches(generated);
}

TEST(NormalizedAnswer, AsSquadDoesIt) {
  // Results of normalize_answer() of SQuAD's evaluate-v1.1.py.
  EXPECT_EQ(normalized_answer("The  Eiffel Tower!"), "eiffel tower");
  EXPECT_EQ(normalized_answer("a cat, an owl\tand the\ndog."), "cat owl and dog");
  EXPECT_EQ(normalized_answer("U.S.A."), "usa");
  EXPECT_EQ(normalized_answer("$3.50 (three-fifty)"), "350 threefifty");
  EXPECT_EQ(normalized_answer("them athens an_other"), "them athens another");
  EXPECT_EQ(normalized_answer("The"), "");
  EXPECT_EQ(normalized_answer("the.the"), "thethe");
  EXPECT_EQ(normalized_answer(""), "");
  EXPECT_EQ(normalized_answer("CAF\u00c9 \u00d1o"), "caf\u00e9 \u00f1o");
}

TEST(NormalizedAnswer, OfAllOfUnicode) {
  EXPECT_EQ(normalized_answer("\uff11\uff12\uff0c\uff21\uff22\u3002"), "12ab");                      // full width
  EXPECT_EQ(normalized_answer("\u300a\u7ea2\u697c\u68a6\u300b\u3000\uff01"), "\u7ea2\u697c\u68a6");  // Chinese marks
  EXPECT_EQ(normalized_answer("\u201cyes\u201d \u2014 no\u2026"), "yes no");
  EXPECT_EQ(normalized_answer("e\u0301"), "\u00e9");
  EXPECT_EQ(normalized_answer("a\u00a0b"), "b");
  EXPECT_EQ(normalized_answer("x \xff y"), "x \ufffd y");
  EXPECT_EQ(normalized_answer("The cat", false), "the cat");
}

TEST(AnswerMatcher, TheBeginningInWholeWords) {
  EXPECT_TRUE(matches("Paris", "Paris"));
  EXPECT_TRUE(matches("Paris", " The paris, which is in France"));
  EXPECT_TRUE(matches("the Eiffel Tower", "Eiffel tower."));
  EXPECT_FALSE(matches("Paris", "It is Paris"));
  EXPECT_FALSE(matches("Paris", "Parisian"));
  EXPECT_FALSE(matches("1", "19"));
  EXPECT_FALSE(matches("1", "1.5"));
  EXPECT_TRUE(matches("1", "1 of them"));
  EXPECT_FALSE(matches("Paris", ""));
  EXPECT_TRUE(matches("\u5317\u4eac", "\u5317\u4eac\u662f\u9996\u90fd\u3002"));  // no spaces there
  EXPECT_TRUE(matches("3", "3\u4e2a"));
}

TEST(AnswerMatcher, ExactlyOrSomewhere) {
  EXPECT_TRUE(matches("Paris", "the Paris.", AnswerMatch::exact));
  EXPECT_FALSE(matches("Paris", "Paris in France", AnswerMatch::exact));
  EXPECT_TRUE(matches("Paris", "It is Paris in France", AnswerMatch::contains));
  EXPECT_FALSE(matches("Paris", "Parisian, Comparis", AnswerMatch::contains));
  EXPECT_TRUE(matches("Paris", "Parisian Paris", AnswerMatch::contains));
  EXPECT_FALSE(matches("1", "19 21", AnswerMatch::contains));
  EXPECT_TRUE(matches("\u5317\u4eac", "\u662f\u5317\u4eac\u5e02", AnswerMatch::contains));
}

TEST(AnswerMatcher, AnyOfSeveral) {
  const std::vector<std::string> answers{"United States", "", "USA"};
  const AnswerMatcher matcher(answers, AnswerMatch::prefix);
  EXPECT_FALSE(matcher.empty());
  EXPECT_TRUE(matcher.matches("The U.S.A. and others"));
  EXPECT_TRUE(matcher.matches("united states"));
  EXPECT_FALSE(matcher.matches("anything"));
}

TEST(AnswerMatcher, WhatConsistsOfArticlesOrOfNothing) {
  EXPECT_TRUE(matches("A", " A. The first"));
  EXPECT_TRUE(matches("A", "(a)"));
  EXPECT_FALSE(matches("A", "B"));
  EXPECT_FALSE(matches("A", "An"));
  EXPECT_TRUE(AnswerMatcher(std::vector<std::string>{"", " ...", "\u3002"}, AnswerMatch::contains).empty());
  EXPECT_FALSE(matches("!", "!"));
}

TEST(FirstLine, BeginsWhereSomethingIsWritten) {
  EXPECT_EQ(first_line(" \n Paris is\nit"), "Paris is");
  EXPECT_EQ(first_line("Paris"), "Paris");
  EXPECT_EQ(first_line("\n \n"), "");
  EXPECT_FALSE(has_first_line(" \n Paris"));
  EXPECT_TRUE(has_first_line("\nParis\n"));
  EXPECT_FALSE(has_first_line("\n\n"));
  EXPECT_FALSE(has_first_line(""));
}

}  // namespace
}  // namespace farpoint::score
