// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/repetition.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "clean/reference.hpp"
#include "clean/sample_texts.hpp"

namespace farpoint::clean {
namespace {

constexpr RepetitionParts all = RepetitionParts::all();

std::vector<double> numbers(const Repetition& r) {
  std::vector<double> result = {r.duplicate_line_fraction, r.duplicate_line_character_fraction,
                                r.duplicate_paragraph_fraction, r.duplicate_paragraph_character_fraction};
  result.insert(result.end(), r.top_ngram_fractions.begin(), r.top_ngram_fractions.end());
  result.insert(result.end(), r.duplicate_ngram_fractions.begin(), r.duplicate_ngram_fractions.end());
  return result;
}

TEST(Repetition, counts_lines_that_an_earlier_one_equals) {
  // Of five lines two are copies, with 3 + 2 of 3 + 2 + 5 + 3 + 2 characters.
  const Repetition r = repetition("abc\nde\n\nfghij\n  abc \r\nde\n", all);
  EXPECT_EQ(r.duplicate_line_fraction, 2.0 / 5.0);
  EXPECT_EQ(r.duplicate_line_character_fraction, 5.0 / 15.0);
  EXPECT_EQ(repetition("你好\n你好", all).duplicate_line_character_fraction, 0.5) << "characters, not bytes";
  EXPECT_EQ(repetition("\u3000x\u00a0\nx", all).duplicate_line_fraction, 0.5);
}

TEST(Repetition, counts_paragraphs_that_an_earlier_one_equals) {
  // Paragraphs: "a" "b"; "ab"; "a" "b"; "b" "a".
  const Repetition r = repetition("a\nb\n\nab\n \n\na \nb\n\nb\na", all);
  EXPECT_EQ(r.duplicate_paragraph_fraction, 1.0 / 4.0);
  EXPECT_EQ(r.duplicate_paragraph_character_fraction, 2.0 / 8.0);
}

TEST(Repetition, takes_the_most_frequent_ngram) {
  // "one two" twice, of 3 + 3 characters; 3 + 3 + 5 + 3 + 3 in all.
  const Repetition r = repetition("one two three one two", all);
  EXPECT_EQ(r.top_ngram_fraction(2), 12.0 / 17.0);
  EXPECT_EQ(r.top_ngram_fraction(3), 0.0) << "none occurs twice";
  // "a bb" and "bb ccc" both occur twice; the first counts.
  EXPECT_EQ(repetition("a bb ccc a bb ccc", all).top_ngram_fraction(2), 6.0 / 12.0);
  EXPECT_EQ(repetition("ha ha ha ha", all).top_ngram_fraction(2), 1.0) << "occurrences overlap; no more than all";
  EXPECT_EQ(repetition("天天 天天", all).top_ngram_fraction(2), 1.0);
  EXPECT_EQ(repetition("天地人天地", all).top_ngram_fraction(2), 4.0 / 5.0);
}

TEST(Repetition, counts_each_character_of_duplicate_ngrams_once) {
  // The second "a b c d e" is a duplicate; reading goes on behind it.
  const Repetition r = repetition("a b c d e f a b c d e a b c d e", all);
  EXPECT_EQ(r.duplicate_ngram_fraction(5), 10.0 / 16.0);
  EXPECT_EQ(r.duplicate_ngram_fraction(6), 0.0);
  EXPECT_EQ(repetition(repeated("x ", 20), all).duplicate_ngram_fraction(5), 15.0 / 20.0);
  EXPECT_EQ(repetition(repeated("x ", 20), all).duplicate_ngram_fraction(10), 10.0 / 20.0);
}

TEST(Repetition, is_0_for_texts_with_nothing_to_repeat) {
  for (const char* text : {"", " ", "\n\n\n", "word", "two words", "\xff"}) {
    EXPECT_EQ(numbers(repetition(text, all)), std::vector<double>(13, 0.0)) << text;
  }
}

TEST(Repetition, computes_only_what_is_asked_for) {
  const std::string text = repeated("the same line again and again and again\n\n", 5);
  EXPECT_EQ(numbers(repetition(text, {})), std::vector<double>(13, 0.0));
  const auto complete = numbers(repetition(text, all));
  for (std::size_t i = 0; i < complete.size(); ++i) EXPECT_GT(complete[i], 0.0) << i;
  const std::vector<RepetitionParts> parts = {
      {true, false, 0, 0}, {false, true, 0, 0}, {false, false, 1U << 3U, 0}, {false, false, 0, 1U << 7U}};
  for (const RepetitionParts& part : parts) {
    EXPECT_EQ(numbers(repetition(text, part)), numbers(reference::repetition(text, part)));
  }
}

rc::Gen<std::string> repetitive_texts() {
  return joined(rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
      "a", "b", "a ", "b ", "ab ", " ", " ", "\n", "\n\n", "\r\n", "你", "好", "，", "“", "é ", "\u0301", "\u3000", "😀",
      "line of text\n", "another line.\n", "\xff", "\xe4\xbd")));
}

RC_GTEST_PROP(Repetition, is_that_of_the_reference, ()) {
  const std::string text = *rc::gen::resize(300, repetitive_texts());
  const RepetitionParts parts = {*rc::gen::arbitrary<bool>(), *rc::gen::arbitrary<bool>(),
                                 *rc::gen::inRange(0U, 8U) << 2U, *rc::gen::inRange(0U, 64U) << 5U};
  RC_ASSERT(numbers(repetition(text, parts)) == numbers(reference::repetition(text, parts)));
}

RC_GTEST_PROP(Repetition, is_that_of_the_reference_for_two_words, ()) {
  const std::string text = *rc::gen::resize(
      200, joined(rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>("a ", "b "))));
  RC_ASSERT(numbers(repetition(text, all)) == numbers(reference::repetition(text, all)));
}

RC_GTEST_PROP(Repetition, takes_any_bytes, (const std::string& bytes)) {
  RC_ASSERT(numbers(repetition(bytes, all)) == numbers(reference::repetition(bytes, all)));
}

TEST(Repetition, is_the_same_on_all_threads_and_behind_other_texts) {
  const std::string text = repeated("some words of some text, and some more\n", 3) + "end";
  const auto expected = numbers(repetition(text, all));
  repetition(repeated("quite different words, and many more of them\n", 1000), all);
  EXPECT_EQ(numbers(repetition(text, all)), expected);
  std::vector<std::vector<double>> found(4);
  std::vector<std::thread> threads;
  for (auto& result : found) threads.emplace_back([&] { result = numbers(repetition(text, all)); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& result : found) EXPECT_EQ(result, expected);
}

TEST(Repetition, takes_linear_time_on_hostile_texts) {
  constexpr std::size_t ten_million = 10'000'000;
  EXPECT_EQ(repetition(std::string(ten_million, 'a'), all).top_ngram_fraction(2), 0.0);
  EXPECT_EQ(repetition(std::string(ten_million, '\n'), all).duplicate_line_fraction, 0.0);
  EXPECT_EQ(repetition(std::string(ten_million, ' '), all).duplicate_line_fraction, 0.0);
  EXPECT_GT(repetition(repeated("a\n", 1'000'000), all).duplicate_line_fraction, 0.99);
  EXPECT_GT(repetition(repeated("你", 1'000'000), all).duplicate_ngram_fraction(5), 0.99);
  EXPECT_EQ(repetition("a" + repeated("\u0301", 1'000'000), all).top_ngram_fraction(2), 0.0);
}

}  // namespace
}  // namespace farpoint::clean
