// SPDX-License-Identifier: Apache-2.0
#include "farpoint/text/hashed_tfidf.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "farpoint/base/error.hpp"
#include "memory_growth.hpp"
#include "sample.hpp"

namespace farpoint::text {
namespace {

const HashedTfidfOptions options;

HashedTfidf unweighted(const HashedTfidfOptions& of = options) {
  return HashedTfidf(of, std::vector<float>(of.buckets, 1.0F));
}

std::vector<std::string> many_texts() {
  std::vector<std::string> texts;
  for (int i = 0; i < 400; ++i) {
    texts.push_back("Question " + std::to_string(i * i % 37) + ": why is the sky blue? 天空为什么是蓝色的？ " +
                    std::string(static_cast<std::size_t>(i), 'x'));
  }
  return texts;
}

TEST(HashedTfidf, gives_zero_to_texts_without_a_feature) {
  const auto embedder = unweighted();
  const std::vector<float> zero(options.dimension);
  for (const char* text : {"", " ", "\n\t", "?!... --", "。，！", "\xff\xfe", "\u200b"}) {
    EXPECT_EQ(embedded(embedder, text, options.dimension), zero) << text;
  }
}

TEST(HashedTfidf, gives_the_same_bits_whatever_was_embedded_before) {
  const auto embedder = unweighted();
  const auto alone = embedded(embedder, "the sky is blue", options.dimension);
  for (const std::string& text : many_texts()) embedded(embedder, text, options.dimension);

  EXPECT_EQ(embedded(embedder, "the sky is blue", options.dimension), alone);
}

TEST(HashedTfidf, gives_the_same_bits_on_every_thread) {
  const auto texts = many_texts();
  const HashedTfidf embedder(options, weights_of(texts, options));
  const auto embed_all = [&] {
    std::vector<std::vector<float>> rows;
    for (const std::string& text : texts) rows.push_back(embedded(embedder, text, options.dimension));
    return rows;
  };
  std::vector<std::vector<std::vector<float>>> results(4);
  {
    std::vector<std::jthread> threads;
    for (auto& result : results) threads.emplace_back([&] { result = embed_all(); });
  }

  for (const auto& result : results) EXPECT_EQ(result, embed_all());
}

TEST(HashedTfidf, serves_embedders_of_different_sizes_on_one_thread) {
  HashedTfidfOptions small = options;
  small.buckets = 1U << 10;
  const auto large_embedder = unweighted();
  const auto small_embedder = unweighted(small);
  const auto large_row = embedded(large_embedder, "red blue green", options.dimension);
  const auto small_row = embedded(small_embedder, "red blue green", options.dimension);

  EXPECT_EQ(embedded(large_embedder, "red blue green", options.dimension), large_row);
  EXPECT_EQ(embedded(small_embedder, "red blue green", options.dimension), small_row);
  EXPECT_NE(large_row, small_row);
}

TEST(HashedTfidf, depends_on_the_seed) {
  HashedTfidfOptions other = options;
  other.seed = options.seed + 1;
  EXPECT_NE(embedded(unweighted(), "red blue green", options.dimension),
            embedded(unweighted(other), "red blue green", options.dimension));
}

TEST(HashedTfidf, damps_repetition_by_the_square_root) {
  DocumentFrequencies word(options);
  word.add("red");
  // Weight one for the word and zero for the pair that repetition makes.
  const HashedTfidf embedder(options, std::vector<float>(word.counts().begin(), word.counts().end()));
  auto twice = embedded(embedder, "red", options.dimension);
  for (float& x : twice) x *= 2;

  EXPECT_EQ(embedded(embedder, "red red red red", options.dimension), twice);
}

TEST(HashedTfidf, needs_no_more_memory_for_long_texts) {
#if defined(FARPOINT_SANITIZE_THREAD)
  GTEST_SKIP() << "the sanitizer keeps notes of each byte";
#endif
  const auto embedder = unweighted();
  std::string text;
  for (int i = 0; i < 1'000'000; ++i) text += std::to_string(i * 7919LL) + " ";
  const auto growth = memory_growth([&] {
    const auto row = embedded(embedder, text, options.dimension);
    EXPECT_TRUE(std::ranges::all_of(row, [](float x) { return std::isfinite(x); }));
  });

  EXPECT_LT(growth, std::uint64_t{16} << 20);
}

TEST(HashedTfidf, takes_a_word_of_any_length) {
  const auto row = embedded(unweighted(), std::string(std::size_t{1} << 22, 'a'), options.dimension);
  // The word and what it begins with, at eight places each.
  EXPECT_LE(std::ranges::count_if(row, [](float x) { return x != 0; }), 16);
  EXPECT_NE(row, std::vector<float>(options.dimension));
}

TEST(HashedTfidf, refuses_options_out_of_range) {
  for (const std::size_t dimension : {0UL, 7UL, 32769UL}) {
    HashedTfidfOptions wrong = options;
    wrong.dimension = dimension;
    EXPECT_THROW(unweighted(wrong), UsageError) << dimension;
  }
  HashedTfidfOptions wrong = options;
  wrong.buckets = 1000;
  EXPECT_THROW(unweighted(wrong), UsageError);
  EXPECT_THROW(HashedTfidf(options, std::vector<float>(5)), Error);
}

}  // namespace
}  // namespace farpoint::text
