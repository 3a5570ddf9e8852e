// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <utility>

#include "farpoint/base/machine.hpp"
#include "farpoint/base/random.hpp"
#include "farpoint/models/language_model.hpp"
#include "golden_models.hpp"

namespace farpoint::models {
namespace {

using Ids = std::vector<std::uint32_t>;
using Texts = std::vector<std::optional<Ids>>;

LanguageModel open(const std::string& name, Execution execution = {Device::cpu},
                   std::optional<std::int64_t> max_tokens = {}) {
  const auto model = golden_model(name);
  LanguageModelOptions options;
  options.max_tokens = max_tokens ? *max_tokens : model.expected.at("max_length").get<std::int64_t>();
  options.execution = std::move(execution);
  return {model.folder, options};
}

/// The first tokens of the golden texts of a folder.
std::vector<Ids> some_prompts(const std::string& name) {
  const auto expected = golden_model(name).expected;
  std::vector<Ids> prompts;
  for (const auto& text : expected.at("ids")) {
    auto ids = text.get<Ids>();
    for (const std::size_t length : {1, 2, 7, 20}) {
      if (length <= ids.size()) prompts.emplace_back(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(length));
    }
  }
  return prompts;
}

Texts write(const LanguageModel& model, const std::vector<Ids>& prompts, const GenerationOptions& options) {
  std::vector<Prompt> given;
  for (std::size_t i = 0; i < prompts.size(); ++i) given.push_back({prompts[i], i});
  return model.generate(given, options);
}

/// The probability of every token behind `ids`, by whole sequences.
std::vector<double> next_probabilities(const LanguageModel& model, const Ids& ids, std::size_t words) {
  std::vector<Ids> sequences(words, ids);
  std::vector<ScoredSequence> scored;
  for (std::size_t word = 0; word < words; ++word) {
    sequences[word].push_back(static_cast<std::uint32_t>(word));
    scored.push_back({sequences[word], ids.size()});
  }
  std::vector<double> probabilities;
  for (const auto& one : model.score(scored)) probabilities.push_back(std::exp(-one.negative_log));
  return probabilities;
}

std::size_t words_of(const std::string& name) {
  std::ifstream file(golden_model(name).folder / "config.json");
  return nlohmann::json::parse(file).at("vocab_size");
}

class Generation : public testing::TestWithParam<std::string> {};

TEST_P(Generation, TakesTheLikeliestTokenOfTheWholeText) {
  const auto model = open(GetParam());
  const auto words = words_of(GetParam());
  auto prompts = some_prompts(GetParam());
  prompts.resize(6);
  GenerationOptions options;
  options.max_new_tokens = 5;
  const auto texts = write(model, prompts, options);
  for (std::size_t p = 0; p < prompts.size(); ++p) {
    ASSERT_TRUE(texts[p]);
    ASSERT_EQ(texts[p]->size(), 5U);
    auto ids = prompts[p];
    for (const auto token : *texts[p]) {
      const auto probabilities = next_probabilities(model, ids, words);
      const auto best = *std::max_element(probabilities.begin(), probabilities.end());
      EXPECT_GE(probabilities[token], best * (1 - 1e-5)) << "prompt " << p << ", token " << ids.size();
      ids.push_back(token);
    }
  }
}

std::vector<std::string> names() {
  std::vector<std::string> found;
  for (const auto& model : golden_models("causal")) found.push_back(model.name);
  return found;
}
std::string name_of(const testing::TestParamInfo<std::string>& info) {
  auto name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(Folders, Generation, testing::ValuesIn(names()), name_of);

TEST(Generate, WhatTransformersGenerates) {
  std::ifstream file(GENERATIONS);
  const auto goldens = nlohmann::json::parse(file);
  std::vector<Execution> executions{{Device::cpu}, {Device::cpu, 0, Precision::fp32, 64}};
  if (cuda_devices() > 0) executions.push_back({Device::cuda});
  for (const auto& [name, expected] : goldens.items()) {
    std::vector<Ids> prompts;
    for (const auto& one : expected) prompts.push_back(one.at("prompt"));
    GenerationOptions options;
    options.max_new_tokens = expected[0].at("new").size();
    for (const auto& execution : executions) {
      const auto texts = write(open(name, execution), prompts, options);
      for (std::size_t p = 0; p < prompts.size(); ++p) {
        EXPECT_EQ(texts[p], expected[p].at("new").get<Ids>()) << name << ", prompt " << p;
      }
    }
  }
}

TEST(Generate, DrawsFromTheSoftmaxWithTheStreamsNumbers) {
  const auto model = open("llama");
  const auto words = words_of("llama");
  const auto prompts = some_prompts("llama");
  GenerationOptions options;
  options.max_new_tokens = 4;
  options.temperature = 0.7;
  options.seed = 5;
  const auto texts = write(model, prompts, options);
  std::size_t checked = 0;
  for (std::size_t p = 0; p < prompts.size(); ++p) {
    auto ids = prompts[p];
    for (std::size_t step = 0; step < options.max_new_tokens; ++step) {
      auto weights = next_probabilities(model, ids, words);
      double sum = 0;
      for (auto& weight : weights) sum += weight = std::pow(weight, 1 / options.temperature);
      const double drawn = static_cast<double>(random_bits(5, p, step) >> 11U) * 0x1p-53 * sum;
      const auto token = (*texts[p])[step];
      double before = 0;
      for (std::size_t word = 0; word < token; ++word) before += weights[word];
      // Rounding may move a number that lies at the border of two tokens.
      EXPECT_GE(drawn, before - 1e-5 * sum);
      EXPECT_LE(drawn, before + weights[token] + 1e-5 * sum);
      ids.push_back(token);
      ++checked;
    }
  }
  EXPECT_GT(checked, 50U);
}

TEST(Generate, StreamsAndSeedsDecideNotNeighbours) {
  const auto model = open("qwen2");
  const auto prompts = some_prompts("qwen2");
  GenerationOptions options;
  options.max_new_tokens = 8;
  options.temperature = 1.5;
  const auto together = write(model, prompts, options);
  for (std::size_t p = 0; p < prompts.size(); p += 5) {
    const Prompt prompt{prompts[p], p};
    EXPECT_EQ(model.generate(std::span(&prompt, 1), options)[0], together[p]);
    const Prompt other{prompts[p], p + 1000};
    EXPECT_NE(model.generate(std::span(&other, 1), options)[0], together[p]);
  }
  options.seed = 1;
  EXPECT_NE(write(model, prompts, options), together);
}

TEST(Generate, ThreadsGiveTheSameTexts) {
  const auto model = open("mistral", {Device::cpu, 0, Precision::fp32, 64});
  const auto prompts = some_prompts("mistral");
  for (const double temperature : {0.0, 1.0}) {
    GenerationOptions options;
    options.temperature = temperature;
    set_threads(1);
    const auto alone = write(model, prompts, options);
    for (const std::size_t threads : {2, 3}) {
      set_threads(threads);
      EXPECT_EQ(write(model, prompts, options), alone);
    }
  }
  set_threads(1);
}

TEST(Generate, EndsWhereItIsToldTo) {
  const auto model = open("llama-grouped-biased");
  const auto prompts = some_prompts("llama-grouped-biased");
  GenerationOptions options;
  options.max_new_tokens = 12;
  const auto whole = write(model, prompts, options);
  const auto until = [](const Ids& ids, const auto& is_end, bool with_it) {
    const auto end = std::find_if(ids.begin(), ids.end(), is_end);
    return Ids(ids.begin(), end + (with_it && end != ids.end() ? 1 : 0));
  };
  const auto is_end = [](std::uint32_t id) { return id % 5 == 1; };
  auto by_token = options;
  for (std::uint32_t id = 1; id < 200; id += 5) by_token.end_tokens.push_back(id);
  auto by_question = options;
  by_question.ends = [&](std::span<const std::uint32_t> ids) { return is_end(ids.back()); };
  const auto ended = write(model, prompts, by_token);
  const auto asked = write(model, prompts, by_question);
  std::size_t shorter = 0;
  for (std::size_t p = 0; p < prompts.size(); ++p) {
    EXPECT_EQ(ended[p], until(*whole[p], is_end, false)) << p;
    EXPECT_EQ(asked[p], until(*whole[p], is_end, true)) << p;
    shorter += ended[p]->size() < 12 && !ended[p]->empty() ? 1 : 0;
  }
  EXPECT_GT(shorter, 0U);
}

TEST(Generate, PromptsHaveTheirOwnLength) {
  const auto model = open("llama");
  const auto ids = some_prompts("llama").at(3);
  GenerationOptions options;
  options.max_new_tokens = 3;
  const std::vector<Prompt> prompts{{ids, 0, 7}, {ids, 0, 0}};
  const auto texts = model.generate(prompts, options);
  EXPECT_EQ(texts[0]->size(), 7U);
  EXPECT_EQ(texts[1]->size(), 3U);
  EXPECT_TRUE(std::equal(texts[1]->begin(), texts[1]->end(), texts[0]->begin()));
}

TEST(Generate, NothingIsCut) {
  const auto model = open("llama", {Device::cpu}, 10);
  const std::vector<Ids> prompts{{5, 6, 7, 8, 9, 10}, {5, 6, 7, 8, 9, 10, 11}, {}};
  GenerationOptions options;
  options.max_new_tokens = 4;
  const auto texts = write(model, prompts, options);
  EXPECT_EQ(texts[0]->size(), 4U);
  EXPECT_FALSE(texts[1]);
  EXPECT_FALSE(texts[2]);
  options.max_new_tokens = 0;
  EXPECT_EQ(write(model, prompts, options)[1], Ids());
  EXPECT_TRUE(model.generate({}, options).empty());
}

}  // namespace
}  // namespace farpoint::models
