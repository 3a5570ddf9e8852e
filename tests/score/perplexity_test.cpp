// SPDX-License-Identifier: Apache-2.0
#include "farpoint/score/perplexity.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "farpoint/base/error.hpp"
#include "golden_models.hpp"

namespace farpoint::score {
namespace {

models::LanguageModel load(const GoldenModel& golden, models::LanguageModelOptions options = {}) {
  options.execution.device = models::Device::cpu;
  return {golden.folder, options};
}

std::vector<double> losses_of(const GoldenModel& golden, std::size_t text) {
  return golden.expected.at("token_nll")[text].get<std::vector<double>>();
}

std::vector<std::uint32_t> ids_of(const GoldenModel& golden, std::size_t text) {
  return golden.expected.at("ids")[text].get<std::vector<std::uint32_t>>();
}

std::vector<std::uint32_t> ids_of(const models::SpannedSequence& sequence) {
  return {sequence.ids.begin(), sequence.ids.end()};
}

/// exp of the mean of the last `count` losses.
double perplexity_of_last(const std::vector<double>& losses, std::size_t count) {
  const auto begin = losses.end() - static_cast<std::ptrdiff_t>(count);
  return std::exp(std::accumulate(begin, losses.end(), 0.0) / static_cast<double>(count));
}

/// A text that two parts make up, cut where the tokenizer cuts it anyway: so the parts' tokens are the text's.
struct Cut {
  std::string context = "The teacher wrote that the small boats return at night,";
  std::string response = " and counting the words is the first step of reading.";
};

class Models : public testing::TestWithParam<std::string> {
 protected:
  const GoldenModel golden = golden_model(GetParam());
  const models::LanguageModel model = load(golden);
};

TEST_P(Models, WholeTextsAreScoredFromTheirSecondTokenOn) {
  const auto texts = golden.texts();
  const auto sequences = whole_texts(model.tokenizer(), views_of(texts));
  const auto found = perplexities(model, sequences);

  ASSERT_EQ(found.size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (ids_of(golden, i).size() == golden.expected.at("max_length")) continue;  // cut there, but not here
    EXPECT_EQ(ids_of(sequences[i]), ids_of(golden, i));
    const auto losses = losses_of(golden, i);
    EXPECT_EQ(found[i].tokens, losses.size());
    if (losses.empty()) {
      EXPECT_TRUE(std::isnan(found[i].value));
    } else {
      const auto expected = golden.expected.at("perplexity")[i].get<double>();
      EXPECT_NEAR(found[i].value, expected, 1e-4 * expected) << "text " << i;
    }
  }
}

TEST_P(Models, AllTokensOfAResponseAreScoredAndNoneOfItsContext) {
  const Cut cut;
  ASSERT_EQ(golden.texts()[0], cut.context + cut.response);
  const std::vector<std::string> responses{cut.response, "", cut.context + cut.response};
  const std::vector<std::string> contexts{cut.context, cut.context, ""};

  const auto sequences = responses_after(model.tokenizer(), views_of(contexts), views_of(responses));
  const auto found = perplexities(model, sequences);

  EXPECT_EQ(ids_of(sequences[0]), ids_of(golden, 0));
  const auto losses = losses_of(golden, 0);
  const auto [begin, end] = sequences[0].spans.at(0);
  EXPECT_EQ(end, sequences[0].ids.size());
  const auto scored = end - begin;
  EXPECT_EQ(found[0].tokens, scored);
  EXPECT_LT(scored, losses.size());
  const double expected = perplexity_of_last(losses, scored);
  EXPECT_NEAR(found[0].value, expected, 1e-4 * expected);
  EXPECT_EQ(found[1].tokens, 0U);
  EXPECT_TRUE(std::isnan(found[1].value));
  // Nothing stands before the first token where neither a context nor the tokenizer gives one.
  EXPECT_EQ(found[2].tokens, losses.size());
  const double whole = perplexity_of_last(losses, losses.size());
  EXPECT_NEAR(found[2].value, whole, 1e-4 * whole);
}

TEST_P(Models, AnswersOfAConversationAreScoredTogether) {
  // The text as a conversation of three answers, the second of them empty; and no conversation at all.
  const std::vector<std::string> parts{"The teacher wrote that",     " the small boats",
                                       " return at night,",          "",
                                       " and counting the words is", " the first step of reading."};
  const std::vector<std::size_t> counts{6, 0};
  const auto sequences = answers_within(model.tokenizer(), views_of(parts), counts);
  ASSERT_EQ(ids_of(sequences[0]), ids_of(golden, 0));
  const auto found = likelihoods(model, sequences);

  ASSERT_EQ(found.size(), 3U);
  const auto losses = losses_of(golden, 0);
  std::vector<models::Likelihood> expected;
  for (const auto& [begin, end] : sequences[0].spans) {
    expected.push_back({0, end - begin});
    for (auto token = begin; token < end; ++token) expected.back().negative_log += losses[token - 1];
    EXPECT_NEAR(found[expected.size() - 1].negative_log, expected.back().negative_log, 1e-3);
    EXPECT_EQ(found[expected.size() - 1].tokens, end - begin);
  }
  EXPECT_EQ(found[1].tokens, 0U);

  const auto pooled = perplexities(model, sequences);
  const double mean = (expected[0].negative_log + expected[2].negative_log) /
                      static_cast<double>(expected[0].tokens + expected[2].tokens);
  EXPECT_NEAR(pooled[0].loss, mean, 1e-4);
  EXPECT_NEAR(pooled[0].value, std::exp(mean), 1e-4 * std::exp(mean));
  EXPECT_EQ(pooled[1].tokens, 0U);
  EXPECT_TRUE(std::isnan(pooled[1].value));
}

TEST_P(Models, DifficultyIsARatioOfPerplexities) {
  const Cut cut;
  const std::string_view context = cut.context;
  const std::string_view response = cut.response;
  const auto after =
      perplexities(model, responses_after(model.tokenizer(), std::span(&context, 1), std::span(&response, 1)));
  const auto alone = perplexities(model, whole_texts(model.tokenizer(), std::span(&response, 1)));

  const auto losses = losses_of(golden, 0);
  EXPECT_NEAR(following_difficulty(after[0], alone[0]), perplexity_of_last(losses, after[0].tokens) / alone[0].value,
              1e-4);
  EXPECT_TRUE(std::isnan(following_difficulty(after[0], {})));
  EXPECT_TRUE(std::isnan(following_difficulty({}, alone[0])));
}

/// With a token before each text, and without one.
INSTANTIATE_TEST_SUITE_P(Tokenizers, Models, testing::Values("llama", "gpt2"));

TEST(Perplexity, TextsOfTemplatesHaveTheirSpecialTokens) {
  const auto golden = golden_model("llama");
  const auto model = load(golden);
  const std::string_view text = "Why";
  const auto with = whole_texts(model.tokenizer(), std::span(&text, 1));
  const auto without = whole_texts(model.tokenizer(), std::span(&text, 1), false);
  EXPECT_EQ(with.ids.size(), without.ids.size() + model.tokenizer().front().size());
  EXPECT_EQ(responses_after(model.tokenizer(), std::span(&text, 1), std::span(&text, 1), false).ids.size(),
            2 * without.ids.size());
}

TEST(Perplexity, WhatEndsATextStandsNeitherBetweenTheTwoNorIsItScored) {
  // An encoder's tokenizer: it puts [CLS] before a text and [SEP] behind it.
  const tokenizer::Tokenizer tokenizer(golden_model("bert").folder / "tokenizer.json");
  ASSERT_EQ(tokenizer.back().size(), 1U);
  const std::string_view context = "the small boats";
  const std::string_view response = "return at night";
  const auto sequences = responses_after(tokenizer, std::span(&context, 1), std::span(&response, 1));

  auto expected = tokenizer.front();
  for (const auto part : {context, response}) {
    const auto ids = tokenizer.encode(std::span(&part, 1), {false, 0}).ids;
    expected.insert(expected.end(), ids.begin(), ids.end());
  }
  EXPECT_EQ(sequences.ids, expected);
}

TEST(Perplexity, LongTextsAreReadInWindows) {
  const auto golden = golden_model("gpt2");
  models::LanguageModelOptions options;
  options.max_tokens = 8;
  options.stride = 3;
  const auto model = load(golden, options);
  const auto texts = golden.texts();
  const std::string_view text = texts[0];
  const auto found = perplexities(model, whole_texts(model.tokenizer(), std::span(&text, 1)));
  EXPECT_EQ(found[0].tokens, losses_of(golden, 0).size());
  EXPECT_TRUE(std::isfinite(found[0].value));
}

TEST(Perplexity, WhatIsNoNumberIsNone) {
  EXPECT_TRUE(std::isnan(perplexity_of({0, 0}).value));
  EXPECT_TRUE(std::isnan(perplexity_of({std::nan(""), 3}).value));
  EXPECT_TRUE(std::isnan(perplexity_of({1e6, 3}).value));  // beyond the largest double
  EXPECT_EQ(perplexity_of({1e6, 3}).tokens, 3U);
  EXPECT_DOUBLE_EQ(perplexity_of({2 * std::log(7.0), 2}).value, 7);
}

TEST(Perplexity, AnswersWithoutATokenDoNotCount) {
  const std::vector<models::Likelihood> answers{{std::log(2.0), 1}, {0, 0}, {3 * std::log(4.0), 3}};
  const auto found = answer_perplexities(answers);
  EXPECT_EQ(found.answers, 2U);
  EXPECT_DOUBLE_EQ(found.mean, 3);
  EXPECT_DOUBLE_EQ(found.max, 4);
  EXPECT_DOUBLE_EQ(found.pooled.value, std::exp((std::log(2.0) + 3 * std::log(4.0)) / 4));
  EXPECT_EQ(found.pooled.tokens, 4U);
}

TEST(Perplexity, OneAnswerWithoutALikelihoodLeavesNone) {
  const std::vector<models::Likelihood> answers{{std::log(2.0), 1}, {std::nan(""), 2}, {std::log(4.0), 1}};
  const auto found = answer_perplexities(answers);
  EXPECT_TRUE(std::isnan(found.pooled.value));
  EXPECT_TRUE(std::isnan(found.pooled.loss));
  EXPECT_TRUE(std::isnan(found.mean));
  EXPECT_TRUE(std::isnan(found.max));
  EXPECT_EQ(found.answers, 3U);
  const auto none = answer_perplexities({});
  EXPECT_TRUE(std::isnan(none.pooled.value) && std::isnan(none.mean) && std::isnan(none.max));
  EXPECT_EQ(none.answers, 0U);
}

TEST(Perplexity, AnswersStandBehindTheirContexts) {
  const tokenizer::Tokenizer tokenizer(golden_model("gpt2").folder / "tokenizer.json");
  const std::vector<std::string_view> parts{"Why", "ice", "moon"};
  EXPECT_THROW(answers_within(tokenizer, parts, std::vector<std::size_t>{3}), Error);
  EXPECT_THROW(answers_within(tokenizer, parts, std::vector<std::size_t>{2}), Error);
  EXPECT_THROW(answers_within(tokenizer, parts, std::vector<std::size_t>{2, 2}), Error);
}

TEST(Perplexity, ModelsReadUpToTheLastScoredToken) {
  const tokenizer::Tokenizer tokenizer(golden_model("gpt2").folder / "tokenizer.json");
  const std::vector<std::string_view> parts{"Why is ice", " cold", " and what", "", "nobody answers", ""};
  const auto sequences = answers_within(tokenizer, parts, std::vector<std::size_t>{4, 2, 0});
  ASSERT_EQ(sequences.size(), 3U);
  EXPECT_EQ(sequences.tokens_read(0), sequences[0].spans[0].end);
  EXPECT_LT(sequences.tokens_read(0), sequences[0].ids.size());
  EXPECT_EQ(sequences.tokens_read(1), 0U);
  EXPECT_EQ(sequences.tokens_read(2), 0U);
  const std::vector<std::string_view> whole{"Why is ice cold"};
  const auto texts = whole_texts(tokenizer, whole);
  EXPECT_EQ(texts.tokens_read(0), texts.ids.size());
}

TEST(Perplexity, EachResponseNeedsItsContext) {
  const tokenizer::Tokenizer tokenizer(golden_model("gpt2").folder / "tokenizer.json");
  const std::string_view text = "Why";
  EXPECT_THROW(responses_after(tokenizer, {}, std::span(&text, 1)), Error);
}

}  // namespace
}  // namespace farpoint::score
