// SPDX-License-Identifier: Apache-2.0
#include "farpoint/score/choices.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <numeric>

#include "farpoint/base/error.hpp"
#include "farpoint/score/answers.hpp"
#include "farpoint/score/perplexity.hpp"
#include "golden_models.hpp"

namespace farpoint::score {
namespace {

using testing::ElementsAre;

constexpr std::array<std::string_view, 2> fields{"one", "two"};

std::string filled(std::string_view text, std::string_view one, std::string_view two) {
  return Template(text, fields).fill(std::array{one, two});
}

TEST(Template, PutsValuesInPlaceOfFields) {
  EXPECT_EQ(filled("a {one} b{two}{one}\nc", "1", "2"), "a 1 b21\nc");
  EXPECT_EQ(filled("", "1", "2"), "");
  EXPECT_EQ(filled("{one}", "{two}\n{three}", "2"), "{two}\n{three}");  // values are not read again
}

TEST(Template, LeavesOutLinesWithoutAValue) {
  EXPECT_EQ(filled("{one}\n{two}\nend", "", "2"), "2\nend");
  EXPECT_EQ(filled("a {one} {two}\nend", "1", ""), "end");
  EXPECT_EQ(filled("start\n\n{one}", "", ""), "start\n");
  EXPECT_EQ(filled("{one}", "", ""), "");
}

TEST(Template, OtherBracesAreText) {
  for (const std::string_view text : {"{\"key\": 1}", "{}", "{ one }", "{One}", "{one", "{{", "\\frac{1}{2}"}) {
    EXPECT_EQ(filled(text, "1", "2"), text);
  }
  EXPECT_EQ(filled("{{one}}", "1", "2"), "{1}");
}

TEST(Template, RefusesUnknownFields) {
  EXPECT_THROW(Template("{three}", fields), UsageError);
  EXPECT_TRUE(Template("a\n{two}", fields).uses(1));
  EXPECT_FALSE(Template("a\n{two}", fields).uses(0));
}

corpus::MultipleChoice choice_of(std::vector<std::string> options) {
  return {"", "Which?", std::move(options), "A"};
}

TEST(OptionTexts, LoseTheirLetters) {
  EXPECT_THAT(option_texts(choice_of({"(A)red", "(B) blue"})), ElementsAre("red", "blue"));
  EXPECT_THAT(option_texts(choice_of({"A. red", "B: blue", "C)green"})), ElementsAre("red", "blue", "green"));
  EXPECT_THAT(option_texts(choice_of({"\uff08A\uff09\u7ea2", "B\u3001\u84dd", "C\uff0e\u7eff"})),
              ElementsAre("\u7ea2", "\u84dd", "\u7eff"));
  EXPECT_THAT(option_texts(choice_of({"(A)", "(B)"})), ElementsAre("", ""));
}

TEST(OptionTexts, KeepWhatOnlyLooksLikeLetters) {
  const std::vector<std::vector<std::string>> kept{{"A. Lincoln", "G. Washington"},
                                                   {"(B)one", "(A)two"},
                                                   {"A red one", "B blue one"},
                                                   {"(A red", "(B) blue"},
                                                   {"red", "blue"},
                                                   {"(A)red", "blue"},
                                                   {"Ape", "Bat"},
                                                   {""}};
  for (const auto& options : kept) EXPECT_EQ(option_texts(choice_of(options)), options);
}

TEST(ChoiceTemplate, WritesPromptAndAnswers) {
  const corpus::MultipleChoice choice{"A passage.", "Which?", {"(A)red", "(B)blue"}, "A"};
  const ChoiceTemplate letters("{passage}\n{question}\n{options}\nAnswer:", " {letter}");
  EXPECT_EQ(letters.prompt(choice), "A passage.\nWhich?\n(A)red\n(B)blue\nAnswer:");
  EXPECT_THAT(letters.answers(choice), ElementsAre(" A", " B"));
  const ChoiceTemplate texts("{question}\n{lettered_options}", " {letter}. {text}");
  EXPECT_EQ(texts.prompt(choice), "Which?\nA. red\nB. blue");
  EXPECT_THAT(texts.answers(choice), ElementsAre(" A. red", " B. blue"));
  EXPECT_EQ(letters.prompt(choice_of({"red", "blue"})), "Which?\nred\nblue\nAnswer:");
}

TEST(ChoiceTemplate, CannotWriteMoreOptionsThanLetters) {
  const ChoiceTemplate letters("{question}", " {letter}");
  const ChoiceTemplate texts("{question}", " {text}");
  const auto many = choice_of(std::vector<std::string>(27, "x"));
  EXPECT_FALSE(letters.can_write(many));
  EXPECT_TRUE(texts.can_write(many));
  EXPECT_EQ(texts.answers(many).size(), 27U);
  EXPECT_TRUE(letters.can_write(choice_of(std::vector<std::string>(26, "x"))));
  EXPECT_FALSE(texts.can_write(choice_of({})));
}

TEST(ChoiceTemplate, RefusesAnswersThatAreAllTheSame) {
  EXPECT_THROW(ChoiceTemplate("{question}", " A"), UsageError);
  EXPECT_THROW(ChoiceTemplate("{letter}", " {letter}"), UsageError);
  EXPECT_THROW(ChoiceTemplate("{question}", " {options}"), UsageError);
}

ChoiceScores scores_of(const std::vector<double>& probabilities, std::optional<std::size_t> label) {
  std::vector<double> logs;
  for (const auto p : probabilities) logs.push_back(std::log(p));
  return choice_scores(logs, label);
}

TEST(ChoiceScores, ByHand) {
  const auto scores = scores_of({0.1, 0.4, 0.2}, 2);
  EXPECT_NEAR(scores.sum, 0.7, 1e-15);
  EXPECT_EQ(scores.correct, 0);
  EXPECT_NEAR(scores.margin, -0.2, 1e-15);
  EXPECT_NEAR(scores.probability, 0.2, 1e-15);
  EXPECT_EQ(scores.rank, 2);
  const double entropy = -(std::log(1 / 7.0) + 4 * std::log(4 / 7.0) + 2 * std::log(2 / 7.0)) / 7;
  EXPECT_NEAR(scores.entropy, entropy, 1e-14);
  EXPECT_EQ(scores_of({0.1, 0.4, 0.2}, 1).correct, 1);
  EXPECT_NEAR(scores_of({0.1, 0.4, 0.2}, 1).margin, 0.2, 1e-15);
}

TEST(ChoiceScores, OfEquallyProbableOptionsTheFirstIsBetter) {
  for (std::size_t label = 0; label < 3; ++label) {
    const auto scores = scores_of({0.25, 0.25, 0.25}, label);
    EXPECT_EQ(scores.rank, static_cast<double>(label + 1));
    EXPECT_EQ(scores.correct, label == 0 ? 1 : 0);
    EXPECT_EQ(scores.margin, 0);
    EXPECT_NEAR(scores.entropy, std::log(3), 1e-15);
  }
}

TEST(ChoiceScores, OfOneOption) {
  const auto scores = scores_of({0.3}, 0);
  EXPECT_EQ(scores.rank, 1);
  EXPECT_EQ(scores.margin, scores.probability);
  EXPECT_EQ(scores.entropy, 0);
}

TEST(ChoiceScores, HaveAnEntropyHoweverImprobable) {
  const auto scores = choice_scores(std::vector<double>{-2000, -2000, -5000}, 0);
  EXPECT_EQ(scores.sum, 0);
  EXPECT_NEAR(scores.entropy, std::log(2), 1e-12);
  EXPECT_EQ(scores.rank, 1);
}

TEST(ChoiceScores, WhatIsMissingIsNaN) {
  const auto without_label = scores_of({0.1, 0.2}, {});
  EXPECT_NEAR(without_label.sum, 0.3, 1e-15);
  EXPECT_FALSE(std::isnan(without_label.entropy));
  const auto infinity = std::numeric_limits<double>::infinity();
  std::vector<ChoiceScores> all{choice_scores({}, {}), choice_scores(std::vector<double>{-1, std::nan("")}, 0),
                                choice_scores(std::vector<double>{-infinity, -1}, 0)};
  for (const auto& scores : all) EXPECT_TRUE(std::isnan(scores.sum) && std::isnan(scores.entropy));
  all.push_back(without_label);
  for (const auto& [sum, correct, margin, entropy, probability, rank] : all) {
    EXPECT_TRUE(std::isnan(correct) && std::isnan(margin) && std::isnan(probability) && std::isnan(rank));
  }
}

TEST(ChoiceScores, RankIsThePlaceInTheSortedOptions) {
  const bool holds = rc::check([](std::vector<std::uint8_t> drawn, std::uint8_t which) {
    if (drawn.empty()) return;
    std::vector<double> logs;
    for (const auto one : drawn) logs.push_back(-0.1 * (one % 8));
    const std::size_t label = which % drawn.size();
    std::vector<std::size_t> order(drawn.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return logs[a] > logs[b]; });
    const auto place = std::find(order.begin(), order.end(), label) - order.begin();
    RC_ASSERT(choice_scores(logs, label).rank == static_cast<double>(place + 1));
  });
  EXPECT_TRUE(holds);
}

TEST(Answers, AreAsProbableAsResponsesAfterTheirPrompt) {
  for (const auto* name : {"llama", "gpt2", "qwen3"}) {
    const auto golden = golden_model(name);
    models::LanguageModelOptions options;
    options.execution.device = models::Device::cpu;
    const models::LanguageModel model(golden.folder, options);
    const std::vector<std::string_view> prompts{"The teacher wrote", "Why"};
    const std::vector<std::string_view> answers{" that the boats", " return", " at night", " and 5"};
    const std::vector<std::size_t> counts{3, 1};
    const auto found = log_probabilities(model, answers_after(model.tokenizer(), prompts, answers, counts));
    const std::vector<std::string_view> repeated{prompts[0], prompts[0], prompts[0], prompts[1]};
    const auto expected = perplexities(model, responses_after(model.tokenizer(), repeated, answers));
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const auto count = static_cast<double>(expected[i].tokens);
      EXPECT_NEAR(found[i], -count * std::log(expected[i].value), 1e-4 * std::abs(found[i])) << name << ", " << i;
    }
  }
}

TEST(Answers, WithoutATokenOrTooLongHaveNone) {
  const auto golden = golden_model("qwen3");  // adds no special tokens
  models::LanguageModelOptions options;
  options.execution.device = models::Device::cpu;
  options.max_tokens = 12;
  const models::LanguageModel model(golden.folder, options);
  const std::vector<std::string_view> prompts{"Why", "", "Why", "Why", "Why"};
  const std::vector<std::string_view> answers{"a", "a", "a", "", "b", "a and many more letters here, and here"};
  const std::vector<std::size_t> counts{1, 1, 2, 0, 2};
  const auto tokens = answers_after(model.tokenizer(), prompts, answers, counts);
  const auto found = log_probabilities(model, tokens);
  ASSERT_EQ(found.size(), answers.size());
  EXPECT_FALSE(std::isnan(found[0]));
  for (std::size_t i = 1; i < found.size(); ++i) EXPECT_TRUE(std::isnan(found[i])) << i;
  EXPECT_GT(tokens.longest(4), 12U);
  EXPECT_FALSE(tokens.can_be_scored(1) || tokens.can_be_scored(2) || tokens.can_be_scored(3));
  const std::vector<std::size_t> too_few{1};
  EXPECT_THROW(answers_after(model.tokenizer(), prompts, answers, too_few), Error);
}

}  // namespace
}  // namespace farpoint::score
