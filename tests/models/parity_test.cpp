// SPDX-License-Identifier: Apache-2.0
// Every family against what transformers and sentence-transformers compute from the same folders.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "farpoint/models/classifier.hpp"
#include "farpoint/models/embedder.hpp"
#include "farpoint/models/language_model.hpp"
#include "golden_models.hpp"

namespace farpoint::models {
namespace {

using nlohmann::json;

constexpr double tolerance = 1e-4;

/// A folder, and where it is computed.
struct Case {
  GoldenModel model;
  Device device;
};

void PrintTo(const Case& one, std::ostream* to) {
  *to << one.model.name;
}

/// On each device of this machine.
std::vector<Case> cases(const std::string& task) {
  std::vector<Case> found;
  for (auto& model : golden_models(task)) {
    found.push_back({model, Device::cpu});
    if (cuda_devices() > 0) found.push_back({model, Device::cuda});
  }
  return found;
}

std::string name_of(const testing::TestParamInfo<Case>& info) {
  auto name = info.param.model.name + (info.param.device == Device::cuda ? "_cuda" : "");
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

void expect_ids(const tokenizer::TokenLists& tokens, const json& ids) {
  ASSERT_EQ(tokens.size(), ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto row = tokens[i];
    EXPECT_EQ(std::vector(row.begin(), row.end()), ids[i].get<std::vector<std::uint32_t>>()) << "text " << i;
  }
}

/// Row by row; a null stands for a text without a result.
void expect_rows(const std::vector<float>& values, const json& rows) {
  const auto width = values.size() / rows.size();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < width; ++j) {
      const auto value = values[i * width + j];
      if (rows[i].is_null()) {
        EXPECT_TRUE(std::isnan(value)) << "text " << i;
      } else {
        ASSERT_EQ(rows[i].size(), width);
        EXPECT_NEAR(value, rows[i][j].get<double>(), tolerance) << "text " << i << ", number " << j;
      }
    }
  }
}

std::vector<float> embed(const GoldenModel& model, const std::vector<std::string>& texts,
                         const EmbedderOptions& options) {
  const Embedder embedder(model.folder, options);
  return embedder.embed(embedder.tokenize(views_of(texts))).vectors;
}

class Encoders : public testing::TestWithParam<Case> {};

TEST_P(Encoders, HiddenStates) {
  const auto& [model, device] = GetParam();
  EmbedderOptions options;
  options.max_tokens = model.expected.at("max_length").get<std::int64_t>();
  options.prompt = "";
  options.pooling = model_files::PoolingMode::cls;
  options.execution.device = device;
  expect_rows(embed(model, model.texts(), options), model.expected.at("first_token"));

  if (!model.expected.contains("last_hidden")) return;
  // All rows of the first text, by what depends on each of them.
  const auto& rows = model.expected.at("last_hidden");
  std::vector<double> sum(rows[0].size());
  std::vector<double> greatest(rows[0].size(), -1e9);
  for (const auto& row : rows) {
    for (std::size_t j = 0; j < row.size(); ++j) {
      sum[j] += row[j].get<double>() / static_cast<double>(rows.size());
      greatest[j] = std::max(greatest[j], row[j].get<double>());
    }
  }
  options.pooling = model_files::PoolingMode::mean;
  expect_rows(embed(model, {model.texts()[0]}, options), json::array({sum}));
  options.pooling = model_files::PoolingMode::max;
  expect_rows(embed(model, {model.texts()[0]}, options), json::array({greatest}));
}
INSTANTIATE_TEST_SUITE_P(Families, Encoders, testing::ValuesIn(cases("encode")), name_of);

class SentenceModels : public testing::TestWithParam<Case> {};

TEST_P(SentenceModels, Embeddings) {
  const auto& [model, device] = GetParam();
  EmbedderOptions options;
  options.execution.device = device;
  const Embedder embedder(model.folder, options);
  EXPECT_EQ(embedder.max_tokens(), model.expected.at("max_length").get<std::int64_t>());
  const auto texts = model.texts();
  const auto tokens = embedder.tokenize(views_of(texts));
  expect_ids(tokens, model.expected.at("ids"));
  expect_rows(embedder.embed(tokens).vectors, model.expected.at("embeddings"));
}
INSTANTIATE_TEST_SUITE_P(Folders, SentenceModels, testing::ValuesIn(cases("embed")), name_of);

class Classifiers : public testing::TestWithParam<Case> {};

TEST_P(Classifiers, Logits) {
  const auto& [model, device] = GetParam();
  ClassifierOptions options;
  options.execution.device = device;
  options.max_tokens = model.expected.at("max_length").get<std::int64_t>();
  const Classifier classifier(model.folder, options);
  const tokenizer::EncodeOptions encoding{true, static_cast<std::size_t>(classifier.max_tokens())};
  const auto texts = model.texts();
  const auto tokens = classifier.tokenizer().encode(views_of(texts), encoding);
  expect_ids(tokens, model.expected.at("ids"));
  expect_rows(classifier.classify(tokens).logits, model.expected.at("logits"));
  if (!model.expected.contains("pairs")) return;

  std::vector<std::string> first;
  std::vector<std::string> second;
  json ids;
  json logits;
  for (const auto& pair : model.expected.at("pairs")) {
    first.push_back(pair.at("texts")[0]);
    second.push_back(pair.at("texts")[1]);
    ids.push_back(pair.at("ids"));
    logits.push_back(pair.at("logits"));
  }
  const auto encoded = classifier.tokenizer().encode_pairs(views_of(first), views_of(second), encoding);
  expect_ids(encoded, ids);
  expect_rows(classifier.classify(encoded).logits, logits);
}
INSTANTIATE_TEST_SUITE_P(Families, Classifiers, testing::ValuesIn(cases("classify")), name_of);

class CausalModels : public testing::TestWithParam<Case> {};

TEST_P(CausalModels, Likelihoods) {
  const auto& [model, device] = GetParam();
  LanguageModelOptions options;
  options.execution.device = device;
  // Long enough for the longest text, also where the scaling of positions begins.
  options.max_tokens = model.expected.at("max_length").get<std::int64_t>();
  const LanguageModel language_model(model.folder, options);
  const auto texts = model.texts();
  const auto tokens =
      language_model.tokenizer().encode(views_of(texts), {true, static_cast<std::size_t>(language_model.max_tokens())});
  expect_ids(tokens, model.expected.at("ids"));

  // From each token on to the end, so that each token's part is seen.
  std::vector<ScoredSequence> sequences;
  std::vector<double> expected;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto losses = model.expected.at("token_nll")[i].get<std::vector<double>>();
    double sum = 0;
    for (std::size_t first = losses.size(); first > 0; --first) {
      sum += losses[first - 1];
      sequences.push_back({tokens[i], first});
      expected.push_back(sum);
    }
  }
  const auto scored = language_model.score(sequences);
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    EXPECT_EQ(scored[i].tokens, sequences[i].ids.size() - sequences[i].first_scored);
    EXPECT_NEAR(scored[i].negative_log, expected[i], tolerance * std::max(1.0, expected[i])) << "sequence " << i;
  }
}
INSTANTIATE_TEST_SUITE_P(Families, CausalModels, testing::ValuesIn(cases("causal")), name_of);

/// Sixteen bits on a GPU take other ways (FlashAttention, sums of exponentials in a kernel of our own).
TEST(Gpu, SixteenBitsAreCloseToFloat32) {
  if (cuda_devices() == 0) GTEST_SKIP() << "no GPU";
  for (const auto& model : golden_models("causal")) {
    for (const auto precision : {Precision::bf16, Precision::fp16}) {
      LanguageModelOptions options;
      options.execution = {Device::cuda, 0, precision, 0};
      options.max_tokens = model.expected.at("max_length").get<std::int64_t>();
      const LanguageModel language_model(model.folder, options);
      const auto ids = model.expected.at("ids")[0].get<std::vector<std::uint32_t>>();
      const auto losses = model.expected.at("token_nll")[0].get<std::vector<double>>();
      const ScoredSequence sequence{ids, 1};
      const auto expected = std::accumulate(losses.begin(), losses.end(), 0.0);
      const auto scored = language_model.score(std::span(&sequence, 1))[0].negative_log;
      EXPECT_NEAR(scored, expected, 0.05 * expected) << model.name;
    }
  }
}

}  // namespace
}  // namespace farpoint::models
