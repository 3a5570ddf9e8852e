// SPDX-License-Identifier: Apache-2.0
// Distributions and word counts against sorted lists and maps.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <bit>
#include <map>
#include <string>
#include <vector>

#include "farpoint/corpus/record.hpp"
#include "profile/distribution.hpp"
#include "profile/word_counts.hpp"

namespace farpoint::jobs {
namespace {

using Numbers = std::vector<std::uint64_t>;

Distribution distribution_of(const Numbers& numbers) {
  Distribution distribution;
  for (const auto number : numbers) distribution.add(number);
  return distribution;
}

/// Of all sizes.
rc::Gen<Numbers> numbers() {
  const auto number = rc::gen::map(rc::gen::pair(rc::gen::arbitrary<std::uint64_t>(), rc::gen::inRange(0, 64)),
                                   [](const auto& pair) { return pair.first >> pair.second; });
  return rc::gen::container<Numbers>(number);
}

/// Nearest rank, the obvious way.
std::uint64_t percentile(Numbers sorted, std::uint64_t percent) {
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if ((i + 1) * 100 >= percent * sorted.size()) return sorted[i];
  }
  return 0;
}

RC_GTEST_PROP(Distribution, counts_exactly_and_rounds_down_a_little, ()) {
  const auto list = *numbers();
  const auto distribution = distribution_of(list);
  RC_ASSERT(distribution.count() == list.size());
  std::uint64_t sum = 0;
  for (const auto number : list) sum += number;
  RC_ASSERT(distribution.sum() == sum);
  if (list.empty()) return;
  RC_ASSERT(distribution.min() == *std::min_element(list.begin(), list.end()));
  RC_ASSERT(distribution.max() == *std::max_element(list.begin(), list.end()));
  for (const std::uint64_t percent : {1, 5, 25, 50, 75, 95, 99, 100}) {
    const auto expected = percentile(list, percent);
    const auto found = distribution.percentile(percent);
    RC_ASSERT(found <= expected);
    RC_ASSERT(expected - found <= expected / 32);
    if (expected < 64) RC_ASSERT(found == expected);
  }
}

RC_GTEST_PROP(Distribution, has_exact_counts_by_powers_of_two, ()) {
  const auto list = *numbers();
  std::map<std::uint64_t, std::uint64_t> expected;
  for (const auto number : list) ++expected[std::bit_floor(number)];
  const auto found = distribution_of(list).by_powers_of_two();
  RC_ASSERT((std::map<std::uint64_t, std::uint64_t>(found.begin(), found.end()) == expected));
  RC_ASSERT(std::is_sorted(found.begin(), found.end()));
}

RC_GTEST_PROP(Distribution, of_parts_is_that_of_the_whole, ()) {
  const auto one = *numbers();
  const auto other = *numbers();
  auto parts = distribution_of(one);
  parts += distribution_of(other);
  auto all = one;
  all.insert(all.end(), other.begin(), other.end());
  const auto whole = distribution_of(all);
  RC_ASSERT(parts.count() == whole.count());
  RC_ASSERT(parts.sum() == whole.sum());
  RC_ASSERT(parts.min() == whole.min());
  RC_ASSERT(parts.max() == whole.max());
  RC_ASSERT(parts.by_powers_of_two() == whole.by_powers_of_two());
  for (std::uint64_t percent = 1; percent <= 100; ++percent) {
    RC_ASSERT(parts.percentile(percent) == whole.percentile(percent));
  }
}

TEST(Distribution, OfNothingIsZero) {
  const Distribution nothing;
  EXPECT_EQ(nothing.count(), 0U);
  EXPECT_EQ(nothing.min(), 0U);
  EXPECT_EQ(nothing.max(), 0U);
  EXPECT_EQ(nothing.mean(), 0.0);
  EXPECT_EQ(nothing.percentile(50), 0U);
  EXPECT_TRUE(nothing.by_powers_of_two().empty());
}

Vocabulary expected_vocabulary(const std::map<std::string, std::uint64_t>& counts, std::size_t top) {
  Vocabulary vocabulary;
  for (const auto& [word, count] : counts) {
    ++vocabulary.words;
    vocabulary.occurrences += count;
    vocabulary.top.push_back({word, count});
  }
  std::stable_sort(vocabulary.top.begin(), vocabulary.top.end(),
                   [](const auto& one, const auto& other) { return one.count > other.count; });
  if (vocabulary.top.size() > top) vocabulary.top.resize(top);
  return vocabulary;
}

void expect_equal(const Vocabulary& found, const Vocabulary& expected) {
  RC_ASSERT(found.words == expected.words);
  RC_ASSERT(found.occurrences == expected.occurrences);
  RC_ASSERT(found.top.size() == expected.top.size());
  for (std::size_t i = 0; i < found.top.size(); ++i) {
    RC_ASSERT(found.top[i].word == expected.top[i].word);
    RC_ASSERT(found.top[i].count == expected.top[i].count);
  }
}

RC_GTEST_PROP(WordCounts, are_those_of_a_map, (const std::vector<std::pair<bool, std::uint8_t>>& words)) {
  const auto sources = *rc::gen::inRange<std::uint32_t>(1, 3);
  const auto top = *rc::gen::inRange<std::size_t>(0, 9);
  WordCounts counts;
  std::vector<std::map<std::string, std::uint64_t>> expected(sources + 1);
  for (const auto& [second, number] : words) {
    const auto source = second ? sources - 1 : 0;
    const auto word = std::to_string(number % 40);
    counts.add(source, word, number);
    expected[source][word] += number;
    expected[sources][word] += number;
  }
  const auto found = counts.vocabularies(sources, top);
  RC_ASSERT(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) expect_equal(found[i], expected_vocabulary(expected[i], top));
}

TEST(WordCounts, HoldManyWordsAndFindEachAgain) {
  constexpr std::uint64_t words = 200'000;
  WordCounts counts;
  for (int round = 0; round < 2; ++round) {
    for (std::uint64_t i = 0; i < words; ++i) counts.add(0, std::to_string(i), i + 1);
  }
  EXPECT_EQ(counts.size(), words);
  std::uint64_t wrong = 0;
  counts.for_each([&](std::uint32_t, std::string_view word, std::uint64_t count) {
    wrong += count == 2 * (std::stoull(std::string(word)) + 1) ? 0 : 1;
  });
  EXPECT_EQ(wrong, 0U);
  const auto all = counts.vocabularies(1, 2).back();
  ASSERT_EQ(all.top.size(), 2U);
  EXPECT_EQ(all.top[0].word, std::to_string(words - 1));
  counts.clear();
  EXPECT_EQ(counts.size(), 0U);
  counts.add(0, "again");
  EXPECT_EQ(counts.vocabularies(1, 5).front().words, 1U);
}

TEST(WordCounts, KeepVeryLongWordsApartWithoutHoldingThem) {
  const std::string one = std::string(1'000'000, 'x') + "a";
  const std::string other = std::string(1'000'000, 'x') + "b";
  std::string wide;
  for (int i = 0; i < 1000; ++i) wide += "é";
  WordCounts counts;
  for (const auto& word : {one, other, one, wide, "x" + wide}) counts.add(0, word);
  const auto vocabulary = counts.vocabularies(1, 10).back();
  EXPECT_EQ(vocabulary.words, 4U);
  EXPECT_EQ(vocabulary.top.front().count, 2U);
  EXPECT_LT(counts.bytes(), 2000U);
  for (const auto& [word, count] : vocabulary.top) {
    EXPECT_LE(word.size(), 256U);
    EXPECT_TRUE(corpus::is_valid_utf8(word)) << word;
  }
}

}  // namespace
}  // namespace farpoint::jobs
