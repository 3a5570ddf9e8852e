// SPDX-License-Identifier: Apache-2.0
#include "farpoint/score/rating.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "farpoint/base/error.hpp"
#include "golden_models.hpp"

namespace farpoint::score {
namespace {

using corpus::Role;
using corpus::Turn;

Turn said(Role role, const std::string& text) {
  return {role, text, "", ""};
}

models::LanguageModel load_rater(const GoldenModel& golden, std::optional<std::int64_t> max_tokens = {}) {
  models::LanguageModelOptions options;
  options.execution.device = models::Device::cpu;
  options.max_tokens = max_tokens;
  return {golden.folder, options};
}

std::vector<std::string> written(std::span<const Turn> turns) {
  std::vector<std::string> exchanges;
  for (const auto& exchange : exchanges_of(turns)) exchanges.push_back(exchange.prompt + "|" + exchange.response);
  return exchanges;
}

TEST(Exchanges, BeginWhereTheUserSpeaksAgain) {
  using List = std::vector<std::string>;
  const std::vector<Turn> simple{said(Role::user, "a"), said(Role::assistant, "b"), said(Role::user, "c"),
                                 said(Role::assistant, "d")};
  EXPECT_EQ(written(simple), (List{"a|b", "c|d"}));
  const std::vector<Turn> unanswered{said(Role::user, "a"), said(Role::assistant, "b"), said(Role::user, "c")};
  EXPECT_EQ(written(unanswered), (List{"a|b", "c|"}));
  const std::vector<Turn> in_rows{said(Role::system, "s"),    said(Role::assistant, "early"), said(Role::user, "a"),
                                  said(Role::user, "b"),      said(Role::tool_call, "t"),     said(Role::tool, "t"),
                                  said(Role::assistant, "c"), said(Role::assistant, "d")};
  EXPECT_EQ(written(in_rows), (List{"a\nb|c\nd"}));
  const std::vector<Turn> empty_turns{said(Role::user, "a"), said(Role::assistant, ""), said(Role::user, "b")};
  EXPECT_EQ(written(empty_turns), (List{"a\nb|"}));
  EXPECT_TRUE(exchanges_of({}).empty());
}

TEST(Scale, RatingsAreSingleTokens) {
  const tokenizer::Tokenizer tokenizer(golden_model("llama").folder / "tokenizer.json");
  const std::vector<std::string> digits{"1", "2", "3"};
  const std::vector<double> numbers{1, 2, 3};
  const auto scale = rating_scale(tokenizer, digits, numbers);
  for (std::size_t i = 0; i < digits.size(); ++i) EXPECT_EQ(scale.tokens[i], tokenizer.token_to_id(digits[i]));
  // With a space before it, it is a token of another name.
  EXPECT_EQ(rating_scale(tokenizer, std::vector<std::string>{" a", "a"}, numbers).tokens[0],
            tokenizer.token_to_id("\xc4\xa0"
                                  "a"));
  EXPECT_THROW(rating_scale(tokenizer, std::vector<std::string>{"1", "12 moons"}, numbers), UsageError);
  EXPECT_THROW(rating_scale(tokenizer, std::vector<std::string>{"1", "2", "1"}, numbers), UsageError);
  EXPECT_THROW(rating_scale(tokenizer, std::vector<std::string>{"", "1"}, numbers), UsageError);
}

TEST(Ratings, AreExpectationsOverTheScale) {
  const auto golden = golden_model("llama");
  const auto model = load_rater(golden);
  const RatingScale scale =
      rating_scale(model.tokenizer(), std::vector<std::string>{"1", "3", "2", "0"}, std::vector<double>{1, 3, 2, 0});
  const std::vector<std::string> prompts{"Why do people count: ", "the moon", "Why do people count: "};
  const auto found = rate_prompts(model, views_of(prompts), scale);
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    // The slow way: the whole text once for each rating.
    const std::string_view prompt = prompts[i];
    double sum = 0;
    double weighted = 0;
    for (std::size_t t = 0; t < scale.tokens.size(); ++t) {
      auto ids = model.tokenizer().encode(std::span(&prompt, 1)).ids;
      ids.push_back(scale.tokens[t]);
      const models::ScoredSequence sequence{ids, ids.size() - 1};
      const double probability = std::exp(-model.score(std::span(&sequence, 1))[0].negative_log);
      sum += probability;
      weighted += probability * scale.numbers[t];
    }
    EXPECT_NEAR(found.values[i], weighted / sum, 1e-5) << prompt;
  }
  EXPECT_EQ(found.values[0], found.values[2]);
}

TEST(Ratings, NothingIsCutFromAPrompt) {
  const auto golden = golden_model("llama");
  const auto model = load_rater(golden, 8);
  const RatingScale scale =
      rating_scale(model.tokenizer(), std::vector<std::string>{"1", "2"}, std::vector<double>{1, 2});
  const std::vector<std::string> prompts{"Why", "The teacher wrote that the small boats return at night", "\xff"};
  const auto found = rate_prompts(model, views_of(prompts), scale);
  EXPECT_TRUE(std::isfinite(found.values[0]));
  EXPECT_TRUE(std::isnan(found.values[1]));
  EXPECT_EQ(found.too_long, (std::vector<std::uint8_t>{0, 1, 0}));
  EXPECT_EQ(found.prompts_with_bad_utf8, 1U);
  // A prompt and a rating may just fill the model.
  std::string text = "W";
  std::size_t tokens = 0;
  for (tokens = 0; tokens < 7; text += 'W') {
    const std::string_view view = text;
    tokens = model.tokenizer().encode(std::span(&view, 1)).ids.size();
    const auto rated = rate_prompts(model, std::span(&view, 1), scale);
    EXPECT_TRUE(std::isfinite(rated.values[0])) << tokens;
  }
  EXPECT_EQ(tokens, 7U);
}

TEST(Ratings, WithoutATokenBeforeThemThereIsNone) {
  const auto model = load_rater(golden_model("gpt2"));
  const RatingScale scale =
      rating_scale(model.tokenizer(), std::vector<std::string>{"1", "2"}, std::vector<double>{1, 2});
  const std::string_view nothing;
  EXPECT_TRUE(std::isnan(rate_prompts(model, std::span(&nothing, 1), scale).values[0]));
  EXPECT_TRUE(rate_prompts(model, {}, scale).values.empty());
}

TEST(Expectation, OfLogWeights) {
  const std::vector<double> numbers{1, 2, 4};
  EXPECT_NEAR(expectation(std::vector<double>{std::log(1.0), std::log(2.0), std::log(1.0)}, numbers), 9.0 / 4, 1e-12);
  EXPECT_NEAR(expectation(std::vector<double>{-2000, -2000, -5000}, numbers), 1.5, 1e-12);
  EXPECT_TRUE(std::isnan(expectation(std::vector<double>{0, std::nan(""), 0}, numbers)));
  EXPECT_TRUE(std::isnan(expectation(std::vector<double>{std::nan(""), 0, 0}, numbers)));
}

TEST(Labels, Outputs) {
  const std::vector<float> logits{0.5F, -1.0F, 200.0F};
  EXPECT_DOUBLE_EQ(label_value(logits, 1, LabelOutput::raw), -1);
  EXPECT_NEAR(label_value(logits, 1, LabelOutput::sigmoid), 1 / (1 + std::exp(1.0)), 1e-12);
  EXPECT_NEAR(label_value(logits, 2, LabelOutput::softmax), 1, 1e-12);
  EXPECT_NEAR(label_value(logits, 0, LabelOutput::softmax), std::exp(-199.5), 1e-100);
  EXPECT_EQ(label_value(std::vector<float>{-1000, 1000}, 0, LabelOutput::softmax), 0);
}

TEST(Labels, Numbers) {
  EXPECT_EQ(label_number("4 stars"), 4);
  EXPECT_EQ(label_number("3.5"), 3.5);
  EXPECT_EQ(label_number("-1"), -1);
  for (const auto* label : {"LABEL_1", "", "infinite", "nan", "good"}) EXPECT_TRUE(std::isnan(label_number(label)));
}

}  // namespace
}  // namespace farpoint::score
