// SPDX-License-Identifier: Apache-2.0
// What Hugging Face's Python gives for the same texts (tests/golden/make_tokenizer_goldens.py).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "samples.hpp"

namespace farpoint::tokenizer {
namespace {

using Ids = std::vector<std::uint32_t>;

class GoldenTest : public testing::TestWithParam<std::string> {
 protected:
  const std::vector<std::string> texts = golden_texts();
  const Tokenizer tokenizer = golden_tokenizer(GetParam());
  const nlohmann::json expected = read_json(golden_folder / GetParam() / "expected.json");

  std::vector<std::string> reversed() const { return {texts.rbegin(), texts.rend()}; }
};

TEST_P(GoldenTest, IdsAreThoseOfTheLibrary) {
  const auto lists = tokenizer.encode(views(texts), {.special_tokens = false});
  const auto ids = rows(lists);
  ASSERT_EQ(ids.size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(ids[i], expected["plain"][i].get<Ids>()) << texts[i];
  EXPECT_THAT(lists.truncated, testing::Each(0));
  EXPECT_EQ(lists.records_with_bad_utf8, 0);
  EXPECT_TRUE(lists.type_ids.empty());
}

TEST_P(GoldenTest, SpecialTokensSurroundTheText) {
  const auto ids = rows(tokenizer.encode(views(texts)));
  for (std::size_t i = 0; i < texts.size(); ++i) {
    Ids whole = tokenizer.front();
    const auto plain = expected["plain"][i].get<Ids>();
    whole.insert(whole.end(), plain.begin(), plain.end());
    whole.insert(whole.end(), tokenizer.back().begin(), tokenizer.back().end());
    EXPECT_EQ(ids[i], whole) << texts[i];
    EXPECT_EQ(ids[i].size(), expected["special"][i]) << texts[i];
    EXPECT_EQ(ids[i].size(), plain.size() + tokenizer.added_to_text());
  }
}

TEST_P(GoldenTest, WhatIsTooLongLosesItsEndAndKeepsItsSpecialTokens) {
  for (const auto& [most, lists] : expected["cut"].items()) {
    const auto cut = tokenizer.encode(views(texts), {.max_tokens = std::stoul(most)});
    const auto ids = rows(cut);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      EXPECT_EQ(ids[i], lists[i].get<Ids>()) << most << " of " << texts[i];
      EXPECT_EQ(cut.truncated[i], expected["special"][i] > std::stoul(most)) << most << " of " << texts[i];
    }
  }
}

TEST_P(GoldenTest, PairsHaveTypeIdsAndLoseTheLongerTextFirst) {
  for (const auto& [most, lists] : expected["cut_pairs"].items()) {
    const auto cut = tokenizer.encode_pairs(views(texts), views(reversed()), {.max_tokens = std::stoul(most)});
    const auto ids = rows(cut);
    ASSERT_EQ(cut.type_ids.size(), cut.ids.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      EXPECT_EQ(ids[i], lists[i][0].get<Ids>()) << most << " of " << texts[i];
      const Ids types(cut.type_ids.begin() + static_cast<std::ptrdiff_t>(cut.offsets[i]),
                      cut.type_ids.begin() + static_cast<std::ptrdiff_t>(cut.offsets[i + 1]));
      EXPECT_EQ(types, lists[i][1].get<Ids>()) << most << " of " << texts[i];
      EXPECT_EQ(cut.truncated[i], expected["pairs"][i] > std::stoul(most)) << most << " of " << texts[i];
    }
  }
}

TEST_P(GoldenTest, WholePairsAreAsLongAsThoseOfTheLibrary) {
  const auto ids = rows(tokenizer.encode_pairs(views(texts), views(reversed())));
  for (std::size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(ids[i].size(), expected["pairs"][i]) << texts[i];
}

TEST_P(GoldenTest, DecodesAsTheLibraryDoes) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(tokenizer.decode(expected["plain"][i].get<Ids>()), expected["decoded"][i].get<std::string>()) << texts[i];
  }
}

TEST_P(GoldenTest, TokensHaveIds) {
  std::size_t known = 0;
  for (std::uint32_t id = 0; id < tokenizer.vocab_size(); ++id) {
    const auto token = tokenizer.id_to_token(id);
    if (!token) continue;
    ++known;
    EXPECT_EQ(tokenizer.token_to_id(*token), id) << *token;
  }
  EXPECT_EQ(known, tokenizer.vocab_size());
  EXPECT_EQ(tokenizer.id_to_token(1'000'000), std::nullopt);
  EXPECT_EQ(tokenizer.token_to_id("no such token"), std::nullopt);
  EXPECT_EQ(tokenizer.token_to_id(""), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(All, GoldenTest, testing::ValuesIn(golden_names), [](const auto& test) { return test.param; });

TEST(TokenizerTest, KnowsTheTokensThatItAdds) {
  const Tokenizer bert = golden_tokenizer("wordpiece");
  EXPECT_EQ(bert.front(), Ids{*bert.token_to_id("[CLS]")});
  EXPECT_EQ(bert.back(), Ids{*bert.token_to_id("[SEP]")});
  EXPECT_EQ(bert.added_to_text(), 2);
  EXPECT_EQ(bert.added_to_pair(), 3);
  EXPECT_EQ(golden_tokenizer("roberta").added_to_pair(), 4);
  const Tokenizer llama = golden_tokenizer("llama2");
  EXPECT_EQ(llama.front(), Ids{*llama.token_to_id("<s>")});
  EXPECT_EQ(llama.back(), Ids{});
  EXPECT_EQ(golden_tokenizer("byte_level").added_to_text(), 0);
}

}  // namespace
}  // namespace farpoint::tokenizer
