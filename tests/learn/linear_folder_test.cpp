// SPDX-License-Identifier: Apache-2.0
// Folders of linear models: the Embedder gives the model's outputs on the vectors that sentence-transformers computed.
#include "farpoint/learn/linear_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/model_files/model_folder.hpp"
#include "golden_models.hpp"
#include "learn/linear_data.hpp"
#include "temporary_folder.hpp"

namespace farpoint::learn {
namespace {

namespace fs = std::filesystem;
using model_files::PoolingMode;
using model_files::ProblemType;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

LinearModel model_of(std::uint64_t width, std::uint64_t outputs) {
  LinearModel model{width, {}, {}};
  for (std::uint64_t k = 0; k < outputs; ++k) {
    for (std::uint64_t j = 0; j < width; ++j) model.weights.push_back(2 * golden_uniform(k, j));
    model.biases.push_back(golden_uniform(k, 1000));
  }
  return model;
}

std::vector<std::string> labels_of(std::uint64_t outputs) {
  std::vector<std::string> labels;
  for (std::uint64_t k = 0; k < outputs; ++k) labels.push_back("label-" + std::to_string(k));
  return labels;
}

models::Embeddings embed(const fs::path& folder, const models::EmbedderOptions& options,
                         const std::vector<std::string>& texts) {
  return models::Embedder(folder, options).embed(views_of(texts));
}

/// The folder's outputs are those of the model on `vectors`.
void expect_outputs(const fs::path& folder, const LinearModel& model, std::span<const float> vectors,
                    const std::vector<std::string>& texts) {
  const auto outputs = embed(folder, {}, texts).vectors;
  ASSERT_EQ(outputs.size(), texts.size() * model.outputs());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto wanted = model.outputs_of(vectors.subspan(i * model.width, model.width));
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      EXPECT_NEAR(outputs[i * wanted.size() + k], wanted[k], 2e-5 + 2e-6 * std::abs(wanted[k])) << texts[i];
    }
  }
}

TEST(LinearFolderTest, GivesTheModelsOutputsOnGoldenVectors) {
  const TemporaryFolder temporary;
  int folders = 0;
  for (const GoldenModel& golden : golden_models("embed")) {
    if (!golden.name.starts_with("sentence-")) continue;
    ++folders;
    std::vector<float> vectors;
    for (const auto& vector : golden.expected.at("embeddings")) {
      for (const float number : vector) vectors.push_back(number);
    }
    const auto texts = golden.texts();
    const LinearModel model = model_of(vectors.size() / texts.size(), 3);
    const fs::path folder = temporary / golden.name;
    save_linear_folder(model, {golden.folder, {}, labels_of(3), ProblemType::single_label}, folder);
    SCOPED_TRACE(golden.name);
    expect_outputs(folder, model, vectors, texts);
    EXPECT_FALSE(fs::exists(temporary_name(folder)));
  }
  EXPECT_GE(folders, 8);
}

TEST(LinearFolderTest, KeepsWhatTheEmbedderWasTold) {
  const TemporaryFolder temporary;
  const GoldenModel golden = golden_model("sentence-minilm");
  const auto texts = golden.texts();
  std::vector<models::EmbedderOptions> choices(4);
  choices[0].pooling = PoolingMode::cls;
  choices[1].max_tokens = 12;
  choices[2].prompt = "Say: ";
  choices[3] = choices[2];
  choices[3].pooling = PoolingMode::max;
  choices[3].max_tokens = 14;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    for (const char* name : {"sentence-minilm", "sentence-prompt-excluded", "bert"}) {
      const GoldenModel encoder = golden_model(name);
      const auto vectors = embed(encoder.folder, choices[i], texts).vectors;
      const LinearModel model = model_of(vectors.size() / texts.size(), 1);
      const fs::path folder = temporary / (name + std::to_string(i));
      save_linear_folder(model, {encoder.folder, choices[i], {"good"}, ProblemType::multi_label}, folder);
      SCOPED_TRACE(folder.string());
      expect_outputs(folder, model, vectors, texts);
    }
  }
}

TEST(LinearFolderTest, FoldersWithoutModulesGetThem) {
  const TemporaryFolder temporary;
  const GoldenModel golden = golden_model("bert");
  const std::vector<std::string> texts = {"A cat sat.", "Two dogs ran away from it."};
  const auto vectors = embed(golden.folder, {}, texts).vectors;
  const LinearModel model = model_of(vectors.size() / texts.size(), 2);
  save_linear_folder(model, {golden.folder, {}, labels_of(2), ProblemType::single_label}, temporary / "out");
  expect_outputs(temporary / "out", model, vectors, texts);
}

TEST(LinearFolderTest, NamesTheLabels) {
  const TemporaryFolder temporary;
  const fs::path encoder = golden_model("sentence-new-files").folder;
  const auto width = static_cast<std::uint64_t>(models::Embedder(encoder, {}).dimension());
  for (const auto& [problem, outputs] :
       {std::pair{ProblemType::single_label, 3U}, std::pair{ProblemType::multi_label, 1U},
        std::pair{ProblemType::regression, 1U}}) {
    save_linear_folder(model_of(width, outputs), {encoder, {}, labels_of(outputs), problem}, temporary / "out");
    const auto folder = model_files::open_model_folder(temporary / "out");
    EXPECT_EQ(folder.config.labels, labels_of(outputs));
    EXPECT_EQ(folder.config.problem, problem);
    ASSERT_FALSE(folder.sentence.dense.empty());
    EXPECT_EQ(folder.sentence.dense.back().out, outputs);
    EXPECT_FALSE(folder.sentence.normalize);
  }
}

class LinearFolderErrors : public testing::Test {
 protected:
  void expect_refused(const std::string& words) const {
    EXPECT_THAT([&] { save_linear_folder(model_, facts_, folder_ / "out"); }, ThrowsMessage<Error>(HasSubstr(words)));
    EXPECT_FALSE(fs::exists(temporary_name(folder_ / "out")));
  }
  TemporaryFolder folder_;
  LinearFolder facts_{golden_model("sentence-minilm").folder, {}, {"good"}, ProblemType::multi_label};
  LinearModel model_ = model_of(32, 1);
};

TEST_F(LinearFolderErrors, SaysWhatDoesNotFit) {
  model_.biases[0] = 1e39;
  expect_refused("float32 does not hold");
  model_ = model_of(31, 1);
  expect_refused("vectors of 32 numbers, but the model takes 31");
  model_ = model_of(32, 2);
  expect_refused("1 labels for a model of 2 outputs");
  facts_.labels = {"same", "same"};
  expect_refused("two labels are named 'same'");
  facts_.encoder = folder_ / "nothing";
  expect_refused("no such folder");
  EXPECT_FALSE(fs::exists(folder_ / "out"));
}

TEST_F(LinearFolderErrors, ReplacesItsOwnFoldersOnly) {
  write_file(folder_ / "out/thesis.txt", "years of work");
  expect_refused("is no model that Farpoint saved");
  EXPECT_EQ(read_file(folder_ / "out/thesis.txt"), "years of work");
  fs::remove_all(folder_ / "out");
  save_linear_folder(model_, facts_, folder_ / "out");
  write_file(folder_ / "out/left.json", "{}");
  facts_.labels = {"better"};
  save_linear_folder(model_, facts_, folder_ / "out");
  EXPECT_FALSE(fs::exists(folder_ / "out/left.json"));
  EXPECT_THAT(model_files::open_model_folder(folder_ / "out").config.labels, ElementsAre("better"));
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder_.path())) names.push_back(entry.path().filename());
  EXPECT_THAT(names, ElementsAre("out"));
}

}  // namespace
}  // namespace farpoint::learn
