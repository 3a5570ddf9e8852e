// SPDX-License-Identifier: Apache-2.0
#include "farpoint/text/hashed_ngrams.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "farpoint/base/error.hpp"
#include "reference.hpp"

namespace farpoint::text {
namespace {

using Counts = std::vector<std::uint64_t>;

Counts counts_of(const HashedNgrams& features, std::string_view text) {
  Counts counts(features.buckets(), 0);
  features.count(text, counts);
  return counts;
}

/// A weight for each bucket that no sum of others equals, nearly.
std::vector<double> odd_weights(std::size_t buckets) {
  std::vector<double> weights(buckets);
  for (std::size_t b = 0; b < buckets; ++b) weights[b] = std::sin(static_cast<double>(b) + 0.5);
  return weights;
}

TEST(HashedNgrams, count_words_and_rows_of_words) {
  const std::string text = "Red blue, RED blue red.";
  // 5 words, 4 pairs, 3 triples: red 3, blue 2; red blue 2, blue red 2; red blue red 2, blue red blue 1.
  for (const auto& [n, expected] :
       std::vector<std::pair<std::size_t, Counts>>{{1, {2, 3}}, {2, {2, 2, 2, 3}}, {3, {1, 2, 2, 2, 2, 3}}}) {
    // So many buckets that no two features meet.
    const HashedNgrams features(HashedNgrams::most_buckets, n);
    Counts counts(features.buckets(), 0);
    EXPECT_EQ(features.count(text, counts), std::accumulate(expected.begin(), expected.end(), std::uint64_t{0}));
    std::erase(counts, 0U);
    std::ranges::sort(counts);
    EXPECT_EQ(counts, expected) << n;
  }
}

TEST(HashedNgrams, tell_the_order_of_words) {
  const HashedNgrams words(HashedNgrams::most_buckets, 1);
  const HashedNgrams triples(HashedNgrams::most_buckets, 3);
  EXPECT_EQ(counts_of(words, "one two three"), counts_of(words, "two one three"));
  EXPECT_NE(counts_of(triples, "one two three"), counts_of(triples, "two one three"));
  // The same pairs, and other triples.
  EXPECT_NE(counts_of(triples, "a b a c a b d"), counts_of(triples, "a c a b a b d"));
}

TEST(HashedNgrams, fold_case_and_take_characters_without_spaces_as_words) {
  const HashedNgrams features(10000, 2);
  EXPECT_EQ(counts_of(features, "The SKY"), counts_of(features, "the... sky!"));
  EXPECT_EQ(counts_of(features, "天空"), counts_of(features, "天 空"));
  Counts counts(10000, 0);
  EXPECT_EQ(features.count("天空是蓝色的", counts), 6U + 5U);
}

TEST(HashedNgrams, find_nothing_in_texts_without_words) {
  const HashedNgrams features(100, 2);
  for (const char* text : {"", " ", "?!... --", "。，！", "\xff\xfe"}) {
    Counts counts(100, 0);
    EXPECT_EQ(features.count(text, counts), 0U) << text;
    EXPECT_EQ(features.score(text, odd_weights(100)).occurrences, 0U) << text;
    EXPECT_EQ(counts, Counts(100, 0)) << text;
  }
}

RC_GTEST_PROP(HashedNgrams, are_those_of_the_reference, ()) {
  const auto buckets = *rc::gen::inRange<std::size_t>(2, 3000);
  const auto n = *rc::gen::inRange<std::size_t>(1, HashedNgrams::longest_ngram + 1);
  const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
      "red", "blue ", " Green", "天", "空", "extraordinarily", "é", ", ", "7", "\n", "\xff"));
  const std::string text = std::accumulate(pieces.begin(), pieces.end(), std::string());
  const HashedNgrams features(buckets, n);

  const auto expected = reference::ngrams(text, buckets, n);
  Counts counts(buckets, 0);
  double sum = 0;
  const auto weights = odd_weights(buckets);
  for (const auto bucket : expected) {
    ++counts[bucket];
    sum += weights[bucket];
  }

  const auto score = features.score(text, weights);
  RC_ASSERT(counts_of(features, text) == counts);
  RC_ASSERT(score.occurrences == expected.size());
  RC_ASSERT(score.sum == sum);
}

TEST(HashedNgrams, spread_evenly_over_any_number_of_buckets) {
  const HashedNgrams features(1000, 1);
  Counts counts(1000, 0);
  for (int i = 0; i < 100'000; ++i) features.count("word" + std::to_string(i), counts);
  // 100 each on average, with a standard deviation of 10.
  EXPECT_GT(*std::ranges::min_element(counts), 45U);
  EXPECT_LT(*std::ranges::max_element(counts), 160U);
}

TEST(HashedNgrams, refuse_numbers_out_of_range) {
  EXPECT_THROW(HashedNgrams(1, 2), UsageError);
  EXPECT_THROW(HashedNgrams(HashedNgrams::most_buckets + 1, 2), UsageError);
  EXPECT_THROW(HashedNgrams(100, 0), UsageError);
  EXPECT_THROW(HashedNgrams(100, HashedNgrams::longest_ngram + 1), UsageError);
}

}  // namespace
}  // namespace farpoint::text
