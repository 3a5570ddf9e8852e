// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/pattern_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <re2/re2.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "clean/expression_set.hpp"
#include "clean/string_matcher.hpp"
#include "farpoint/base/error.hpp"

namespace farpoint::clean {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<Pattern> patterns_of(const std::vector<std::string>& expressions) {
  std::vector<Pattern> patterns;
  for (std::size_t i = 0; i < expressions.size(); ++i)
    patterns.push_back({expressions[i], "list:" + std::to_string(i + 1)});
  return patterns;
}

/// One after the other.
std::optional<std::size_t> slow_first_match(const std::vector<Pattern>& patterns, const std::string& text) {
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    if (re2::RE2::PartialMatch(text, patterns[i].expression)) return i;
  }
  return {};
}

std::string any_text(const std::vector<std::string>& pieces) {
  const auto chosen = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces));
  std::string text;
  for (const auto& piece : chosen) text += piece;
  return text;
}

TEST(PatternSet, tells_the_lowest_index_that_matches) {
  const PatternSet set(
      patterns_of({"gamma ray", "(?i)beta decay", "alpha", "x", "^start", "end$", "[0-9]{3}", "中文短语"}));
  EXPECT_EQ(set.size(), 8U);
  EXPECT_EQ(set[1].origin, "list:2");
  EXPECT_EQ(set.first_match("an alpha, and a gamma ray"), 0U);
  EXPECT_EQ(set.first_match("BETA DECAY of alpha"), 1U);
  EXPECT_EQ(set.first_match("an ALPHA"), std::nullopt);
  EXPECT_EQ(set.first_match("alpha x"), 2U);
  EXPECT_EQ(set.first_match("a x"), 3U);
  EXPECT_EQ(set.first_match("start"), 4U);
  EXPECT_EQ(set.first_match("a start"), std::nullopt);
  EXPECT_EQ(set.first_match("an end"), 5U);
  EXPECT_EQ(set.first_match("12 123"), 6U);
  EXPECT_EQ(set.first_match("这是中文短语。"), 7U);
  EXPECT_EQ(set.first_match(""), std::nullopt);
  EXPECT_EQ(set.first_match("\xff\xe4\xb8"), std::nullopt);
}

TEST(PatternSet, folds_case_as_re2_does) {
  // The Kelvin sign, the long s, and letters whose folded form has another number of bytes.
  for (const char* const text :
       {"KILO", "\u212Ailo", "\u017Fmall kilo", "ÄRGER", "ärger", "Ⱥbcdef", "ⱥBCDEF", "ΣΟΦΟΣ", "σοφος"}) {
    const auto patterns = patterns_of({"(?i)small", "(?i)kilo", "(?i)ärger", "(?i)ⱥbcdef", "(?i)σοφος"});
    EXPECT_NE(slow_first_match(patterns, text), std::nullopt) << text;
    EXPECT_EQ(PatternSet(patterns).first_match(text), slow_first_match(patterns, text)) << text;
  }
}

TEST(PatternSet, of_nothing_matches_nothing) {
  EXPECT_EQ(PatternSet({}).first_match("text"), std::nullopt);
  EXPECT_EQ(PatternSet({}).size(), 0U);
}

TEST(PatternSet, refuses_what_re2_refuses) {
  try {
    const PatternSet patterns(patterns_of({"fine", "(open", "also fine"}));
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("list:2"));
    EXPECT_THAT(error.what(), HasSubstr("missing )"));
  }
  EXPECT_THROW(PatternSet(patterns_of({R"((a)\1)"})), UsageError);
  EXPECT_THROW(PatternSet(patterns_of({"((a{100}){100}){100}"})), UsageError);
}

RC_GTEST_PROP(PatternSet, agrees_with_single_patterns, ()) {
  const auto expressions = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
      "abcd", "(?i)abcdefgh", "ab", "(?i)\\bword phrase\\b", "a.*z", "(?:abcd|efgh)x", "[ab]{3}c", "中文", "(?i)É中文É",
      "^abcd", "efgh$", "\\d+", "(?i)abcdefghabcdefghabcdefghabcdefghabcd", "(?i)abcdefghabcdefghabcdefghabcdefghefgh",
      "x?"));
  const auto patterns = patterns_of(expressions);
  const std::string text = any_text(
      {"abcd", "ABCD", "efgh", "word phrase", "Word Phrase", " ", "z", "x", "中文", "é", "É", "7", "\xff", "\n"});
  RC_ASSERT(PatternSet(patterns).first_match(text) == slow_first_match(patterns, text));
}

TEST(PatternSet, agrees_with_single_patterns_on_thousands) {
  std::vector<std::string> expressions;
  for (int i = 0; i < 5000; ++i) {
    // Every tenth is no phrase, and every hundredth no string is in all its matches.
    const std::string number = std::to_string(i);
    expressions.push_back(i % 100 == 99 ? "[v-z]" + number + "[a-f]"
                          : i % 10 == 9 ? "word" + number + "\\s+(?:and|or)\\s+more"
                                        : "(?i)\\bthe phrase number " + number + " of many\\b");
  }
  const auto patterns = patterns_of(expressions);
  const PatternSet set(patterns);
  for (const std::string text :
       {"", "nothing", "The Phrase Number 4321 of many, the phrase number 17 of many", "the phrase number 17 of manys",
        "word49  and more", "word49 nor more", "z4999c", "z4999g", "y99a the phrase number 0 of many"}) {
    EXPECT_EQ(set.first_match(text), slow_first_match(patterns, text)) << text;
  }
  std::string all;  // of which only the last is whole
  for (int i = 0; i < 5000; ++i) all += "the phrase number " + std::to_string(i) + " of manys ";
  EXPECT_EQ(set.first_match(all), std::nullopt);
  EXPECT_EQ(set.first_match(all + "the phrase number 3000 of many"), 3000U);
}

TEST(PatternSet, is_shared_by_threads) {
  std::vector<std::string> expressions;
  for (int i = 0; i < 200; ++i) expressions.push_back("phrase " + std::to_string(i) + " end|[xyz]" + std::to_string(i));
  const PatternSet set(patterns_of(expressions));
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (int& count : wrong) {
    threads.emplace_back([&set, &count] {
      for (std::size_t i = 10; i < 100; ++i) count += set.first_match("y" + std::to_string(i)) == i / 10 ? 0 : 1;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(wrong, ElementsAre(0, 0, 0, 0));
}

/// Automata of too little memory fail on the way, or from the start.
RC_GTEST_PROP(ExpressionSet, agrees_with_single_patterns_whatever_memory_it_has, ()) {
  std::vector<Pattern> patterns =
      patterns_of({"(a|b)*a(a|b){12}c", "(?i)phrase", "[a-f]{3}x", "b.{20}a", "zz", "a{30}"});
  const std::string text = any_text({"a", "b", "ab", "bbbbbbbb", "aaaaaaaaaaaaaaaa", "c", "PHRASE", "x", "é", "z"});
  const auto memory = *rc::gen::element<std::int64_t>(1, 4000, 20'000, 60'000, 1 << 20);
  const ExpressionSet set(patterns, {0, 1, 2, 3, 4, 5}, memory);
  RC_ASSERT(set.first_match(text) == slow_first_match(patterns, text));
}

TEST(ExpressionSet, goes_on_when_memory_ends_within_a_text) {
  // Each of 2^16 histories is a state.
  const auto patterns = patterns_of({"never", "(?:a|b)*a(?:a|b){16}c", "(?:a|b)*b(?:a|b){15}d", "last$"});
  std::string text;
  for (std::uint32_t i = 0, x = 1; i < 200'000; ++i, x = x * 1664525 + 1013904223)
    text += (x >> 16 & 1U) != 0 ? 'a' : 'b';
  const ExpressionSet set(patterns, {0, 1, 2, 3}, 50'000);
  EXPECT_EQ(set.first_match(text), std::nullopt);
  EXPECT_EQ(set.first_match(text + "last"), 3U);
  EXPECT_EQ(set.first_match("b" + std::string(15, 'a') + "d"), 2U);
}

/// Folded text of one byte a letter, so that the reference is simple.
RC_GTEST_PROP(StringMatcher, finds_what_the_text_contains, ()) {
  const auto strings =
      *rc::gen::container<std::vector<std::string>>(rc::gen::container<std::string>(rc::gen::element('a', 'b')));
  const std::string text = *rc::gen::container<std::string>(rc::gen::element('a', 'B', 'b', 'A', 'c'));
  std::string lower;
  for (const char c : text) lower += static_cast<char>(c | 0x20);
  const auto found = StringMatcher(strings).occurring(text);
  for (std::size_t i = 0; i < strings.size(); ++i) {
    const bool expected = strings[i].size() < 4 || lower.find(strings[i].substr(0, 32)) != lower.npos;
    RC_ASSERT(static_cast<bool>(std::count(found.begin(), found.end(), static_cast<int>(i))) == expected);
  }
}

TEST(PatternSet, is_linear_in_hostile_texts) {
  std::vector<std::string> expressions;
  for (int i = 1; i <= 2000; ++i)
    expressions.push_back("(?i)\\b" + std::string(8, 'a') + std::string(static_cast<std::size_t>(i % 200), 'a') + "b");
  const PatternSet set(patterns_of(expressions));
  const std::string text(1'000'000, 'a');
  EXPECT_EQ(set.first_match(text), std::nullopt);
}

}  // namespace
}  // namespace farpoint::clean
