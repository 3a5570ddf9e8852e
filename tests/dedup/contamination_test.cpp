// SPDX-License-Identifier: Apache-2.0
#include "farpoint/dedup/contamination.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>

#include "farpoint/base/error.hpp"

namespace farpoint::dedup {
namespace {

const std::string janet =
    "Janet's ducks lay 16 eggs per day. She eats three for breakfast every morning and bakes muffins.";

EvaluationNgrams ngrams_of(const std::vector<std::string>& items, const ContaminationOptions& options = {}) {
  EvaluationNgrams ngrams(options);
  for (std::size_t i = 0; i < items.size(); ++i) ngrams.add(items[i], static_cast<std::uint32_t>(i));
  ngrams.finish();
  return ngrams;
}

TEST(Contamination, is_found_whatever_the_case_and_the_punctuation) {
  const auto ngrams =
      ngrams_of({"Something else that is quite long, so that it has its thirteen words after all.", janet});
  EXPECT_EQ(ngrams.left_out(), 0);

  std::string changed = janet;
  std::ranges::transform(changed, changed.begin(),
                         [](char c) { return c == ' ' ? '\n' : static_cast<char>(std::toupper(c)); });
  std::erase(changed, '.');
  const auto overlap = ngrams.overlap("Question - " + changed + " (yes)");

  EXPECT_EQ(overlap.words, 20);
  EXPECT_EQ(overlap.covered, 18);
  EXPECT_EQ(overlap.item, 1);
}

TEST(Contamination, begins_at_thirteen_words) {
  const auto ngrams = ngrams_of({"a b c d e f g h i j k l m n o p"});
  EXPECT_EQ(ngrams.ngrams(), 4);
  EXPECT_EQ(ngrams.overlap("x b c d e f g h i j k l m y").covered, 0);
  EXPECT_EQ(ngrams.overlap("x b c d e f g h i j k l m n y").covered, 13);
  EXPECT_EQ(ngrams.overlap("x y z").item, EvaluationNgrams::no_item);
}

TEST(Contamination, by_short_items_is_by_all_their_words) {
  const auto ngrams = ngrams_of({"one two three four five six seven", "who wrote the play about the danish prince",
                                 "what is the capital of the land of the free"});
  EXPECT_EQ(ngrams.left_out(), 1);
  EXPECT_EQ(ngrams.ngrams(), 2);
  EXPECT_THAT(std::vector<std::uint32_t>(ngrams.lengths().begin(), ngrams.lengths().end()),
              testing::UnorderedElementsAre(10, 8));

  EXPECT_EQ(ngrams.overlap("one two three four five six seven").covered, 0);
  const auto overlap = ngrams.overlap("Who wrote the play about the Danish prince?");
  EXPECT_EQ(overlap.covered, 8);
  EXPECT_EQ(overlap.item, 1);
  EXPECT_EQ(ngrams.overlap("Q: What is the capital of the land of the free? A:").item, 2);
}

TEST(Contamination, is_found_in_chinese) {
  const auto ngrams = ngrams_of({"小明有五个苹果，他给了小红两个，还剩几个？"});
  EXPECT_EQ(ngrams.overlap("题目：小明有五个苹果。他给了小红 两个，还剩几个").covered, 18);
  EXPECT_EQ(ngrams.overlap("小红有五个苹果，他给了小明两个").covered, 0);
}

TEST(Contamination, names_the_lowest_of_items_with_the_same_ngram) {
  EvaluationNgrams ngrams({.ngram = 2, .min_words = 2});
  ngrams.add("a b", 9);
  ngrams.add("x a b", 4);
  ngrams.add("b c", 1);
  ngrams.finish();
  EXPECT_EQ(ngrams.overlap("a b c").item, 4);
  EXPECT_EQ(ngrams.overlap("b c a b").item, 1);
}

TEST(Contamination, survives_as_arrays) {
  const auto ngrams = ngrams_of({janet, "who wrote the play about the danish prince"});
  const auto copy = [](const auto& values) { return std::vector(values.begin(), values.end()); };
  const EvaluationNgrams loaded({}, copy(ngrams.hashes()), copy(ngrams.items()), copy(ngrams.lengths()));
  for (const std::string& text : {janet, std::string("Hm. Who wrote the play about the Danish prince?")}) {
    EXPECT_GT(loaded.overlap(text).covered, 0);
    EXPECT_EQ(loaded.overlap(text).covered, ngrams.overlap(text).covered);
    EXPECT_EQ(loaded.overlap(text).item, ngrams.overlap(text).item);
  }
  EXPECT_THROW(EvaluationNgrams({}, {1, 2}, {0}, {13, 13}), Error);
  EXPECT_THROW(EvaluationNgrams({}, {1, 2}, {0, 0}, {13}), Error);
  EXPECT_THROW(EvaluationNgrams({}, {2, 1}, {0, 0}, {13, 13}), Error);
  EXPECT_THROW(EvaluationNgrams({}, {1, 2}, {0, 0}, {13, 14}), Error);
}

TEST(Contamination, refuses_wrong_options_and_wrong_order) {
  EXPECT_THROW(EvaluationNgrams({.ngram = 5}), UsageError);
  EXPECT_THROW(EvaluationNgrams({.ngram = 5, .min_words = 0}), UsageError);
  EvaluationNgrams ngrams({});
  EXPECT_THROW(ngrams.overlap("a"), std::logic_error);
  ngrams.finish();
  EXPECT_THROW(ngrams.add("a", 0), std::logic_error);
  EXPECT_EQ(ngrams.overlap(janet).covered, 0);
  EXPECT_EQ(ngrams.overlap("").words, 0);
}

using Words = std::vector<std::size_t>;

std::string joined(const Words& words, std::size_t begin, std::size_t end) {
  std::string text;
  for (std::size_t i = begin; i < end; ++i) text += "w" + std::to_string(words[i]) + " ";
  return text;
}

/// N-grams as strings in a set, every one of them looked for at every word.
EvaluationNgrams::Overlap reference(const std::vector<Words>& items, const Words& text,
                                    const ContaminationOptions& options) {
  std::vector<std::set<std::string>> ngrams;
  for (const Words& item : items) {
    auto& own = ngrams.emplace_back();
    const std::size_t length = std::min(item.size(), options.ngram);
    if (length < options.min_words) continue;
    for (std::size_t i = 0; i + length <= item.size(); ++i) own.insert(joined(item, i, i + length));
  }
  EvaluationNgrams::Overlap overlap{text.size()};
  std::set<std::size_t> covered;
  for (std::size_t begin = 0; begin < text.size(); ++begin) {
    for (std::size_t end = text.size(); end > begin; --end) {
      const std::string ngram = joined(text, begin, end);
      const auto found = std::ranges::find_if(ngrams, [&](const auto& set) { return set.contains(ngram); });
      if (found == ngrams.end()) continue;
      if (overlap.item == EvaluationNgrams::no_item) overlap.item = static_cast<std::uint64_t>(found - ngrams.begin());
      for (std::size_t i = begin; i < end; ++i) covered.insert(i);
    }
  }
  overlap.covered = covered.size();
  return overlap;
}

RC_GTEST_PROP(Contamination, is_that_of_the_reference, ()) {
  const auto word = rc::gen::inRange<std::size_t>(0, *rc::gen::inRange<std::size_t>(1, 5));
  const auto words = rc::gen::resize(30, rc::gen::container<Words>(word));
  const auto items = *rc::gen::resize(10, rc::gen::container<std::vector<Words>>(words));
  const Words text = *words;
  ContaminationOptions options;
  options.ngram = *rc::gen::inRange<std::size_t>(1, 7);
  options.min_words = *rc::gen::inRange<std::size_t>(1, options.ngram + 1);
  std::vector<std::string> item_texts;
  for (const Words& item : items) item_texts.push_back(joined(item, 0, item.size()));

  const auto found = ngrams_of(item_texts, options).overlap(joined(text, 0, text.size()));

  const auto expected = reference(items, text, options);
  RC_ASSERT(found.words == expected.words);
  RC_ASSERT(found.covered == expected.covered);
  RC_ASSERT(found.item == expected.item);
}

}  // namespace
}  // namespace farpoint::dedup
