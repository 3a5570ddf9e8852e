// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "farpoint/base/error.hpp"
#include "farpoint/text/hashed_tfidf.hpp"

namespace farpoint::text {
namespace {

using Counts = std::vector<std::uint64_t>;

Counts counts_of(std::span<const std::string> texts) {
  DocumentFrequencies frequencies{HashedTfidfOptions{}};
  for (const std::string& text : texts) frequencies.add(text);
  return {frequencies.counts().begin(), frequencies.counts().end()};
}

std::uint64_t sum(const Counts& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

TEST(DocumentFrequencies, count_a_feature_once_a_text) {
  const std::vector<std::string> once = {"red blue"};
  const std::vector<std::string> often = {"red blue red blue red blue"};
  // Two words and their pair; the other order is one pair more.
  EXPECT_EQ(sum(counts_of(once)), 3U);
  EXPECT_EQ(sum(counts_of(often)), 4U);
  EXPECT_EQ(std::ranges::max(counts_of(often)), 1U);
}

TEST(DocumentFrequencies, count_empty_texts_as_documents_without_features) {
  DocumentFrequencies frequencies{HashedTfidfOptions{}};
  frequencies.add("");
  frequencies.add("...");

  EXPECT_EQ(frequencies.documents(), 2U);
  EXPECT_EQ(std::ranges::max(frequencies.counts()), 0U);
}

RC_GTEST_PROP(DocumentFrequencies, add_up_over_any_split_of_the_texts, (const std::vector<std::string>& texts)) {
  const std::size_t cut = *rc::gen::inRange<std::size_t>(0, texts.size() + 1);
  const std::span all(texts);
  const Counts left = counts_of(all.first(cut));
  const Counts right = counts_of(all.subspan(cut));

  Counts added(left.size());
  std::ranges::transform(left, right, added.begin(), std::plus{});

  RC_ASSERT(added == counts_of(all));
}

TEST(DocumentFrequencies, survive_a_move) {
  DocumentFrequencies frequencies{HashedTfidfOptions{}};
  frequencies.add("red");
  DocumentFrequencies moved = std::move(frequencies);
  moved.add("red");

  EXPECT_EQ(moved.documents(), 2U);
  EXPECT_EQ(std::ranges::max(moved.counts()), 2U);
}

TEST(DocumentFrequencies, refuse_numbers_of_buckets_that_are_no_power_of_two) {
  for (const std::size_t buckets : {0UL, 1UL, 3UL, 1000UL, 1UL << 32}) {
    HashedTfidfOptions options;
    options.buckets = buckets;
    EXPECT_THROW(DocumentFrequencies{options}, UsageError) << buckets;
  }
}

TEST(InverseDocumentFrequencies, follow_the_formula) {
  const Counts counts = {0, 1, 10, 1000};
  const auto weights = inverse_document_frequencies(1000, counts);
  ASSERT_EQ(weights.size(), counts.size());
  // By hand: rarity ln(1002 / (n + 1)), support (n + 1) / (n + 1 + 2.002).
  EXPECT_NEAR(weights[0], std::pow(6.909753 * 0.333111, 2), 1e-4);
  EXPECT_NEAR(weights[1], std::pow(6.216606 * 0.499750, 2), 1e-4);
  EXPECT_NEAR(weights[2], std::pow(4.511858 * 0.846024, 2), 1e-4);
  EXPECT_NEAR(weights[3], std::pow(0.0009985 * 0.998004, 2), 1e-8);
}

TEST(InverseDocumentFrequencies, are_positive_so_that_even_equal_texts_have_vectors) {
  for (const std::uint64_t documents : {0ULL, 1ULL, 1000ULL, 1'000'000'000'000ULL}) {
    const Counts counts = {0, documents / 2, documents};
    for (const float weight : inverse_document_frequencies(documents, counts)) EXPECT_GT(weight, 0) << documents;
  }
}

}  // namespace
}  // namespace farpoint::text
