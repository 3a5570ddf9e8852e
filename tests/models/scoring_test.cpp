// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "farpoint/base/error.hpp"
#include "farpoint/base/machine.hpp"
#include "farpoint/models/classifier.hpp"
#include "farpoint/models/embedder.hpp"
#include "farpoint/models/language_model.hpp"
#include "golden_models.hpp"

namespace farpoint::models {
namespace {

LanguageModel open_llama(std::optional<std::int64_t> max_tokens = {}, std::optional<std::int64_t> stride = {},
                         std::int64_t batch_tokens = 0, Precision precision = Precision::fp32) {
  LanguageModelOptions options;
  options.max_tokens = max_tokens;
  options.stride = stride;
  options.execution = {Device::cpu, 0, precision, batch_tokens};
  return {golden_model("llama").folder, options};
}

std::vector<std::uint32_t> some_ids(std::size_t count) {
  std::vector<std::uint32_t> ids;
  for (std::size_t i = 0; i < count; ++i) ids.push_back(static_cast<std::uint32_t>((i * i * 7 + 3 * i + 1) % 190));
  return ids;
}

double loss_of(const LanguageModel& model, std::span<const std::uint32_t> ids, std::size_t first_scored) {
  const ScoredSequence sequence{ids, first_scored};
  return model.score(std::span(&sequence, 1))[0].negative_log;
}

TEST(LanguageModel, WindowsScoreEveryTokenOnce) {
  const auto ids = some_ids(40);
  const std::span all(ids);
  const auto whole = open_llama(16, 6);
  // By hand: windows begin at 0, 6, 12, ..., each scores what the one before did not reach.
  double expected = loss_of(whole, all.first(16), 1);
  std::size_t scored = 16;
  for (std::size_t begin = 6; scored < ids.size(); begin += 6) {
    const auto end = std::min<std::size_t>(begin + 16, ids.size());
    expected += loss_of(whole, all.subspan(begin, end - begin), scored - begin);
    scored = end;
  }
  const ScoredSequence sequence{all, 1};
  const auto likelihood = whole.score(std::span(&sequence, 1))[0];
  EXPECT_EQ(likelihood.tokens, 39U);
  EXPECT_NEAR(likelihood.negative_log, expected, 1e-4);
}

TEST(LanguageModel, WindowsBeginWhereTheScoredPartNeedsThem) {
  const auto ids = some_ids(40);
  const auto model = open_llama(16, 8);
  for (const std::size_t first : {1, 7, 15, 16, 17, 30, 39}) {
    const ScoredSequence sequence{ids, first};
    EXPECT_EQ(model.score(std::span(&sequence, 1))[0].tokens, 40 - first) << first;
  }
}

/// The loss of each token by itself, in windows that are cut by hand.
std::vector<double> losses_by_windows(const LanguageModel& model, std::span<const std::uint32_t> ids, std::size_t size,
                                      std::size_t stride) {
  std::vector<double> losses(ids.size());
  std::size_t next = 1;
  for (std::size_t begin = 0; next < ids.size(); begin += stride) {
    const auto end = std::min(begin + size, ids.size());
    for (; next < end; ++next) {
      losses[next] = loss_of(model, ids.subspan(begin, next + 1 - begin), next - begin);
    }
  }
  return losses;
}

TEST(LanguageModel, OnePassScoresSeveralSpans) {
  const auto ids = some_ids(40);
  const std::vector<std::vector<TokenSpan>> cases{
      {{1, 40}}, {{0, 1}}, {{0, 2}, {2, 2}, {5, 9}, {9, 10}, {38, 40}}, {{3, 20}, {15, 17}}, {{30, 35}}, {}};
  for (const auto& [size, stride] : std::vector<std::pair<std::size_t, std::size_t>>{{128, 64}, {16, 6}, {16, 15}}) {
    const auto model = open_llama(static_cast<std::int64_t>(size), static_cast<std::int64_t>(stride));
    const auto losses = losses_by_windows(model, ids, size, stride);
    std::vector<SpannedSequence> sequences;
    for (const auto& spans : cases) sequences.push_back({ids, spans});
    const auto found = model.score_spans(sequences);
    std::size_t at = 0;
    for (const auto& spans : cases) {
      for (const auto& [begin, end] : spans) {
        double expected = 0;
        for (auto token = std::max<std::size_t>(begin, 1); token < end; ++token) expected += losses[token];
        EXPECT_EQ(found[at].tokens, end - std::min(std::max<std::size_t>(begin, 1), end)) << begin << '-' << end;
        EXPECT_NEAR(found[at].negative_log, expected, 1e-4) << begin << '-' << end << " in windows of " << size;
        ++at;
      }
    }
    EXPECT_EQ(found.size(), at);
  }
}

TEST(LanguageModel, SpansLieWithinTheirSequence) {
  const auto ids = some_ids(5);
  const SpannedSequence sequence{ids, {{2, 6}}};
  EXPECT_THROW(open_llama().score_spans(std::span(&sequence, 1)), Error);
}

TEST(LanguageModel, NothingToScore) {
  const auto ids = some_ids(5);
  const auto model = open_llama();
  const std::vector<ScoredSequence> sequences{{std::span(ids).first(0), 1}, {std::span(ids).first(1), 1}, {ids, 5}};
  for (const auto& likelihood : model.score(sequences)) {
    EXPECT_EQ(likelihood.tokens, 0U);
    EXPECT_EQ(likelihood.negative_log, 0);
  }
}

TEST(LanguageModel, EqualSequencesAndThreadsGiveTheSameBits) {
  const auto ids = some_ids(60);
  std::vector<ScoredSequence> sequences;
  for (std::size_t i = 0; i < 40; ++i) sequences.push_back({std::span(ids).first(2 + (i * 7) % 50), 1});
  sequences.push_back(sequences[3]);
  const auto model = open_llama({}, {}, 64);
  set_threads(1);
  const auto alone = model.score(sequences);
  set_threads(3);
  const auto together = model.score(sequences);
  set_threads(1);
  for (std::size_t i = 0; i < sequences.size(); ++i) EXPECT_EQ(alone[i].negative_log, together[i].negative_log) << i;
  EXPECT_EQ(alone.back().negative_log, alone[3].negative_log);
}

TEST(LanguageModel, BatchesDoNotMatter) {
  const auto ids = some_ids(60);
  std::vector<ScoredSequence> sequences;
  for (std::size_t i = 0; i < 20; ++i) sequences.push_back({std::span(ids).first(2 + (i * 11) % 50), 1});
  const auto large = open_llama({}, {}, 4096).score(sequences);
  const auto small = open_llama({}, {}, 1).score(sequences);
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    EXPECT_NEAR(large[i].negative_log, small[i].negative_log, 1e-5 * large[i].negative_log);
  }
}

TEST(LanguageModel, SixteenBitsAreClose) {
  const auto ids = some_ids(60);
  const ScoredSequence sequence{ids, 1};
  const auto exact = open_llama().score(std::span(&sequence, 1))[0].negative_log;
  for (const auto precision : {Precision::bf16, Precision::fp16}) {
    const auto rounded = open_llama({}, {}, 0, precision).score(std::span(&sequence, 1))[0].negative_log;
    EXPECT_NEAR(rounded, exact, 0.02 * exact);
  }
}

TEST(LanguageModel, RefusesWhatCannotBe) {
  EXPECT_THROW(open_llama(1), UsageError);
  EXPECT_THROW(open_llama(16, 16), UsageError);
  EXPECT_THROW(open_llama(16, 0), UsageError);
  EXPECT_THROW(LanguageModel(golden_model("bert").folder, {}), UsageError);
  EXPECT_THROW(LanguageModel("no/such/folder", {}), UsageError);
  const std::vector<std::uint32_t> ids{1, 100000};
  const auto model = open_llama();
  EXPECT_THROW(loss_of(model, ids, 1), Error);
}

TEST(Embedder, EqualTextsAreComputedOnce) {
  EmbedderOptions options;
  options.execution.device = Device::cpu;
  const Embedder embedder(golden_model("sentence-minilm").folder, options);
  const std::vector<std::string_view> texts{"one", "two", "one", "one"};
  const auto result = embedder.embed(embedder.tokenize(texts));
  EXPECT_EQ(result.distinct, 2U);
  const auto width = static_cast<std::size_t>(embedder.dimension());
  for (std::size_t d = 0; d < width; ++d) {
    EXPECT_EQ(result.vectors[d], result.vectors[2 * width + d]);
    EXPECT_EQ(result.vectors[d], result.vectors[3 * width + d]);
  }
}

TEST(Embedder, ManyTextsAreTokenisedAhead) {
  EmbedderOptions options;
  options.execution.device = Device::cpu;
  options.max_tokens = 6;
  const Embedder embedder(golden_model("sentence-minilm").folder, options);
  std::vector<std::string> texts;
  for (int i = 0; i < 5000; ++i) texts.push_back(std::string(static_cast<std::size_t>(1 + i % 7), 'a') + " and one");
  texts[4000] = "\xff";
  const auto views = views_of(texts);
  const auto ahead = embedder.embed(views);
  const auto tokens = embedder.tokenize(views);
  const auto together = embedder.embed(tokens);
  EXPECT_EQ(ahead.tokens, tokens.ids.size());
  EXPECT_EQ(ahead.truncated, together.truncated);
  EXPECT_GT(ahead.truncated, 0U);
  EXPECT_EQ(ahead.bad_utf8, 1U);
  ASSERT_EQ(ahead.vectors.size(), together.vectors.size());
  for (std::size_t i = 0; i < ahead.vectors.size(); ++i) ASSERT_NEAR(ahead.vectors[i], together.vectors[i], 1e-5);
  EXPECT_TRUE(embedder.embed(std::span<const std::string_view>()).vectors.empty());
}

TEST(Embedder, TextsWithoutTokensHaveNoVector) {
  EmbedderOptions options;
  options.execution.device = Device::cpu;
  const Embedder embedder(golden_model("sentence-minilm").folder, options);
  tokenizer::TokenLists tokens = embedder.tokenize(std::vector<std::string_view>{"text"});
  tokens.offsets.push_back(tokens.ids.size());
  tokens.truncated.push_back(0);
  const auto result = embedder.embed(tokens);
  EXPECT_EQ(result.failed, std::vector<std::uint32_t>{1});
  EXPECT_FALSE(std::isnan(result.vectors[0]));
  EXPECT_TRUE(std::isnan(result.vectors[static_cast<std::size_t>(embedder.dimension())]));
}

TEST(Embedder, RefusesWhatCannotBe) {
  EmbedderOptions options;
  options.max_tokens = 1 << 20;
  EXPECT_THROW(Embedder(golden_model("bert").folder, options), UsageError);
  if (cuda_devices() == 0) {
    EmbedderOptions on_gpu;
    on_gpu.execution.device = Device::cuda;
    EXPECT_THROW(Embedder(golden_model("bert").folder, on_gpu), UsageError);
  }
}

TEST(Classifier, PaddingAtTheEndIsNotTheLastToken) {
  const auto model = golden_model("llama-classify");
  std::ifstream file(model.folder / "config.json");
  const std::uint32_t padding = nlohmann::json::parse(file).at("pad_token_id");
  ClassifierOptions options;
  options.execution.device = Device::cpu;
  const Classifier classifier(model.folder, options);
  tokenizer::TokenLists tokens;
  tokens.ids = {20, 30, 40, 20, 30, 40, padding, padding};
  tokens.offsets = {0, 3, 8};
  tokens.truncated = {0, 0};
  const auto logits = classifier.classify(tokens).logits;
  const auto labels = classifier.labels().size();
  for (std::size_t i = 0; i < labels; ++i) EXPECT_NEAR(logits[i], logits[labels + i], 1e-5);
}

TEST(Classifier, RefusesFoldersWithoutAHead) {
  EXPECT_THROW(Classifier(golden_model("bert").folder, {}), UsageError);
}

}  // namespace
}  // namespace farpoint::models
