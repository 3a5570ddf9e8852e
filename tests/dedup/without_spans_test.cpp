// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "farpoint/base/error.hpp"
#include "farpoint/dedup/repeated_spans.hpp"

namespace farpoint::dedup {
namespace {

/// Removes what stands between [ and ].
std::string without(const std::string& marked) {
  std::string text;
  std::vector<RepeatedSpan> spans;
  for (const char c : marked) {
    if (c == '[') {
      spans.push_back({0, 0, text.size(), text.size(), 0});
    } else if (c == ']') {
      spans.back().end = text.size();
    } else {
      text += c;
    }
  }
  return without_spans(text, spans);
}

TEST(WithoutSpans, one_blank_stands_between_what_remains) {
  EXPECT_EQ(without("one [two three] four"), "one four");
  EXPECT_EQ(without("one  two\t [three]  four  five"), "one  two four  five");
  EXPECT_EQ(without("one [two] [three] four [five] six"), "one four six");
}

TEST(WithoutSpans, a_line_end_stands_where_one_was) {
  EXPECT_EQ(without("one\n[two\n\nthree] four"), "one\nfour");
  EXPECT_EQ(without("one [two] \r\n\n four"), "one\nfour");
  EXPECT_EQ(without("one [two]\n[three] four"), "one\nfour");
  EXPECT_EQ(without("one [two\nthree] four"), "one four");
}

TEST(WithoutSpans, nothing_stands_at_the_ends) {
  EXPECT_EQ(without(" [one two] three \n"), "three \n");
  EXPECT_EQ(without("\n one\n[two three]\n"), "\n one");
  EXPECT_EQ(without("[one two]"), "");
  EXPECT_EQ(without(" [one]\n"), "");
  EXPECT_EQ(without("[one] [two]"), "");
}

TEST(WithoutSpans, characters_without_spaces_stand_side_by_side_again) {
  EXPECT_EQ(without("我们[在这里]学习"), "我们学习");
  EXPECT_EQ(without("我们 [在这里]学习"), "我们 学习");
  EXPECT_EQ(without("abc[在这里]def"), "abc def");
}

TEST(WithoutSpans, a_text_without_any_stays_as_it_is) {
  EXPECT_EQ(without("  one\n\ntwo "), "  one\n\ntwo ");
  EXPECT_EQ(without(""), "");
}

TEST(WithoutSpans, spans_must_lie_in_the_text) {
  using Spans = std::vector<RepeatedSpan>;
  EXPECT_THROW(without_spans("abc", Spans{{0, 0, 1, 4, 1}}), Error);
  EXPECT_THROW(without_spans("abc", Spans{{0, 0, 2, 1, 1}}), Error);
  EXPECT_THROW(without_spans("a b c", (Spans{{0, 0, 2, 3, 1}, {0, 0, 0, 1, 1}})), Error);
}

/// Words are removed from a row of words, and the rest is put together.
RC_GTEST_PROP(WithoutSpans, keep_all_other_words, (const std::vector<bool>& removed)) {
  std::string marked;
  std::string rest;
  for (std::size_t i = 0; i < removed.size(); ++i) {
    const std::string word = "w" + std::to_string(i);
    marked += (removed[i] ? "[" + word + "]" : word) + " ";
    if (!removed[i]) rest += word + " ";
  }
  std::string result = without(marked);
  if (!rest.empty() && removed.back()) rest.pop_back();

  RC_ASSERT(result == rest);
}

}  // namespace
}  // namespace farpoint::dedup
