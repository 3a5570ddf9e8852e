// SPDX-License-Identifier: Apache-2.0
// Continuations whose prefix is read once, against each sequence read as a whole.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "farpoint/base/error.hpp"
#include "farpoint/base/machine.hpp"
#include "farpoint/models/language_model.hpp"
#include "golden_models.hpp"

namespace farpoint::models {
namespace {

using Ids = std::vector<std::uint32_t>;

LanguageModel open(const GoldenModel& model, Execution execution, std::optional<std::int64_t> max_tokens = {}) {
  LanguageModelOptions options;
  options.max_tokens = max_tokens ? *max_tokens : model.expected.at("max_length").get<std::int64_t>();
  options.execution = std::move(execution);
  return {model.folder, options};
}

Ids some_ids(std::size_t count, std::size_t seed) {
  Ids ids;
  for (std::size_t i = 0; i < count; ++i) {
    ids.push_back(static_cast<std::uint32_t>((i * i * 7 + (3 + seed) * i + 1 + 31 * seed) % 190));
  }
  return ids;
}

/// Prefixes of several lengths, each with continuations of 1 to 30 tokens; some share a prefix or are the same.
struct Cases {
  std::vector<Ids> texts;
  std::vector<Branches> branches;

  Cases() {
    for (std::size_t i = 0; i < 12; ++i) texts.push_back(some_ids(1 + (i * 13) % 45, i));
    for (std::size_t i = 0; i < 12; ++i) texts.push_back(some_ids(1 + (i * 7) % 30, 50 + i));
    for (std::size_t i = 0; i < 12; ++i) {
      Branches one{texts[i], {}};
      for (std::size_t c = 0; c < 1 + i % 5; ++c) one.continuations.emplace_back(texts[12 + (i + 5 * c) % 12]);
      branches.push_back(one);
    }
    branches.push_back(branches[3]);
    branches.push_back({texts[11], {texts[12], texts[12], std::span(texts[13]).first(1)}});
    branches.push_back({texts[5], {}});
  }

  std::vector<Likelihood> read_as_a_whole(const LanguageModel& model) const {
    std::vector<Ids> joined;
    std::vector<std::size_t> first_scored;
    for (const auto& [prefix, continuations] : branches) {
      for (const auto& continuation : continuations) {
        joined.emplace_back(prefix.begin(), prefix.end());
        joined.back().insert(joined.back().end(), continuation.begin(), continuation.end());
        first_scored.push_back(prefix.size());
      }
    }
    std::vector<ScoredSequence> sequences;
    for (std::size_t i = 0; i < joined.size(); ++i) sequences.push_back({joined[i], first_scored[i]});
    return model.score(sequences);
  }
};

void expect_near(const std::vector<Likelihood>& found, const std::vector<Likelihood>& expected, double tolerance) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].tokens, expected[i].tokens) << i;
    EXPECT_NEAR(found[i].negative_log, expected[i].negative_log, tolerance * expected[i].negative_log) << i;
  }
}

class BranchesOf : public testing::TestWithParam<GoldenModel> {};

TEST_P(BranchesOf, AreAsLikelyAsWholeSequences) {
  const Cases cases;
  const auto model = open(GetParam(), {Device::cpu});
  const auto expected = cases.read_as_a_whole(model);
  expect_near(model.score_branches(cases.branches), expected, 1e-5);
  const auto in_small_batches = open(GetParam(), {Device::cpu, 0, Precision::fp32, 1});
  expect_near(in_small_batches.score_branches(cases.branches), expected, 1e-5);
  const auto in_16_bits = open(GetParam(), {Device::cpu, 0, Precision::bf16, 64});
  expect_near(in_16_bits.score_branches(cases.branches), expected, 0.05);
  if (cuda_devices() == 0) return;
  expect_near(open(GetParam(), {Device::cuda}).score_branches(cases.branches), expected, 1e-4);
  const auto in_16_bits_there = open(GetParam(), {Device::cuda, 0, Precision::bf16, 0});
  expect_near(in_16_bits_there.score_branches(cases.branches), expected, 0.05);
}

std::string name_of(const testing::TestParamInfo<GoldenModel>& info) {
  auto name = info.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(Folders, BranchesOf, testing::ValuesIn(golden_models("causal")), name_of);

TEST(Branches, ThreadsGiveTheSameBits) {
  const Cases cases;
  const auto model = open(golden_model("llama"), {Device::cpu, 0, Precision::fp32, 64});
  set_threads(1);
  const auto alone = model.score_branches(cases.branches);
  for (const std::size_t threads : {2, 3}) {
    set_threads(threads);
    const auto together = model.score_branches(cases.branches);
    for (std::size_t i = 0; i < alone.size(); ++i) EXPECT_EQ(alone[i].negative_log, together[i].negative_log) << i;
  }
  set_threads(1);
}

TEST(Branches, EqualOnesGiveTheSameBits) {
  const Cases cases;
  const auto model = open(golden_model("qwen3"), {Device::cpu, 0, Precision::fp32, 64});
  const auto one = model.score_branches(std::span(cases.branches).subspan(3, 1));
  const auto twice = model.score_branches(std::vector{cases.branches[3], cases.branches[0], cases.branches[3]});
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(twice[i].negative_log, twice[twice.size() - one.size() + i].negative_log);
  }
}

TEST(Branches, TooLongOnesHaveNone) {
  const auto ids = some_ids(60, 1);
  const std::span all(ids);
  const auto model = open(golden_model("llama"), {Device::cpu}, 32);
  // The first fits to the token, the second has one more; the last prefix alone is too long.
  const std::vector<Branches> branches{{all.first(20), {all.subspan(20, 12), all.subspan(20, 13), all.subspan(20, 1)}},
                                       {all.first(33), {all.subspan(20, 1)}}};
  const auto found = model.score_branches(branches);
  ASSERT_EQ(found.size(), 4U);
  const ScoredSequence whole{all.first(32), 20};
  EXPECT_NEAR(found[0].negative_log, model.score(std::span(&whole, 1))[0].negative_log, 1e-4);
  EXPECT_EQ(found[0].tokens, 12U);
  EXPECT_EQ(found[2].tokens, 1U);
  for (const std::size_t i : {1, 3}) {
    EXPECT_TRUE(std::isnan(found[i].negative_log)) << i;
    EXPECT_EQ(found[i].tokens, 0U) << i;
  }
}

TEST(Branches, NothingAndEmptyOnes) {
  const auto ids = some_ids(4, 1);
  const std::span all(ids);
  const auto model = open(golden_model("llama"), {Device::cpu});
  EXPECT_TRUE(model.score_branches({}).empty());
  EXPECT_TRUE(model.score_branches(std::vector<Branches>{{all, {}}}).empty());
  EXPECT_THROW(model.score_branches(std::vector<Branches>{{all.first(0), {all}}}), Error);
  EXPECT_THROW(model.score_branches(std::vector<Branches>{{all, {all.first(0)}}}), Error);
}

}  // namespace
}  // namespace farpoint::models
