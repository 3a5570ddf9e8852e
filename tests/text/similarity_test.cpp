// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sample.hpp"

namespace farpoint::text {
namespace {

/// Texts in pairs about one matter each: 0 with 1, 2 with 3 and so on.
void expect_pairs_to_be_nearest(const std::vector<std::string>& texts) {
  const HashedTfidfOptions options;
  const HashedTfidf embedder(options, weights_of(texts, options));
  std::vector<std::vector<float>> rows;
  for (const std::string& text : texts) rows.push_back(embedded(embedder, text, options.dimension));

  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::size_t partner = i ^ 1;
    for (std::size_t j = 0; j < texts.size(); ++j) {
      if (j == i || j == partner) continue;
      EXPECT_GT(cosine(rows[i], rows[partner]), cosine(rows[i], rows[j])) << texts[i] << "\nand not\n" << texts[j];
    }
  }
}

TEST(Similarity, brings_english_texts_on_one_matter_together) {
  expect_pairs_to_be_nearest({
      "How do I bake bread with whole wheat flour?",
      "I want to bake bread with whole wheat, how?",
      "Write a function that sorts a list of integers in Python.",
      "Which function sorts a list of integers in Python?",
      "Explain the causes of the French Revolution in 1789.",
      "Why did the French Revolution of 1789 happen? Name three causes.",
  });
}

TEST(Similarity, brings_chinese_texts_on_one_matter_together) {
  expect_pairs_to_be_nearest({
      "如何用全麦面粉在家里做面包？",
      "在家里做全麦面包的食谱",
      "用Python写一个对整数列表排序的函数。",
      "怎样用python对列表排序？",
      "请解释法国大革命爆发的原因。",
      "1789年为什么会发生法国大革命？",
  });
}

TEST(Similarity, works_in_other_scripts) {
  expect_pairs_to_be_nearest({
      "Как испечь хлеб из цельнозерновой муки?",
      "Рецепт: цельнозерновой хлеб дома, как испечь",
      "ภาษาไทยเป็นภาษาที่ยากไหม",
      "คุณคิดว่าภาษาไทยยากหรือไม่",
      "東京で一番おいしいラーメンはどこですか",
      "おいしいラーメンを東京で食べたい",
      "파이썬으로 목록을 정렬하는 방법",
      "목록을 정렬하는 파이썬 함수",
  });
}

TEST(Similarity, takes_no_notice_of_case_width_and_punctuation) {
  const HashedTfidfOptions options;
  const HashedTfidf embedder(options, std::vector<float>(options.buckets, 1.0F));

  EXPECT_EQ(embedded(embedder, "Use the API: version 2!", options.dimension),
            embedded(embedder, "use THE ＡＰＩ, version ２", options.dimension));
}

TEST(Similarity, relates_forms_of_one_word) {
  const HashedTfidfOptions options;
  const HashedTfidf embedder(options, std::vector<float>(options.buckets, 1.0F));
  const auto of = [&](const char* text) { return embedded(embedder, text, options.dimension); };

  EXPECT_GT(cosine(of("translation"), of("translated")), 0.3);
  EXPECT_LT(cosine(of("translation"), of("mathematics")), 0.2);
}

TEST(Similarity, is_low_between_texts_that_share_but_common_words) {
  std::vector<std::string> texts;
  for (int i = 0; i < 50; ++i) texts.push_back("the of and to in a is subject" + std::to_string(i));
  const HashedTfidfOptions options;
  const HashedTfidf embedder(options, weights_of(texts, options));

  EXPECT_LT(cosine(embedded(embedder, texts[3], options.dimension), embedded(embedder, texts[4], options.dimension)),
            0.3);
}

}  // namespace
}  // namespace farpoint::text
