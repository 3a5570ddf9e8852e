// SPDX-License-Identifier: Apache-2.0
// The real all-MiniLM-L6-v2 (scripts/minilm.sh fetches it) against sentence-transformers, text by text.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "farpoint/base/machine.hpp"
#include "farpoint/models/embedder.hpp"

namespace farpoint::models {
namespace {

const std::filesystem::path folder = MINILM_FOLDER;

class MiniLm : public testing::TestWithParam<Device> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(folder / "model.safetensors")) GTEST_SKIP() << "scripts/minilm.sh was not run";
    if (GetParam() == Device::cuda && cuda_devices() == 0) GTEST_SKIP() << "no GPU";
  }

  void expect_cosines_above(double least, Precision precision) const {
    std::ifstream file(MINILM_EXPECTED);
    const auto expected = nlohmann::json::parse(file);
    const std::vector<std::string> texts = expected.at("texts");
    EmbedderOptions options;
    options.execution = {GetParam(), 0, precision, 0};
    const Embedder embedder(folder, options);
    ASSERT_EQ(embedder.dimension(), 384);
    EXPECT_EQ(embedder.max_tokens(), 256);  // tokenizer.json says 128
    const auto result = embedder.embed(std::vector<std::string_view>(texts.begin(), texts.end()));
    EXPECT_EQ(result.truncated, 1U);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const std::vector<double> vector = expected.at("embeddings")[i];
      double product = 0;
      double square = 0;
      for (std::size_t d = 0; d < 384; ++d) {
        const double value = result.vectors[i * 384 + d];
        product += value * vector[d];
        square += value * value;
      }
      EXPECT_GT(product / std::sqrt(square), least) << texts[i];
    }
  }
};

TEST_P(MiniLm, Float32) {
  expect_cosines_above(0.99999, Precision::fp32);
}

TEST_P(MiniLm, Bfloat16) {
  expect_cosines_above(0.999, Precision::bf16);
}

/// oneDNN cuts products by AMX up for as many threads as there might be, which showed in their last bits.
TEST_P(MiniLm, ThreadsGiveTheSameBits) {
  if (GetParam() != Device::cpu) GTEST_SKIP() << "threads are the CPU's";
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < 60; ++i) {
    auto& text = texts.emplace_back();
    for (std::size_t word = 0; word < 20 + i * 37 % 150; ++word) text += word % (2 + i) == 0 ? "farther " : "point ";
  }
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  EmbedderOptions options;
  options.execution = {Device::cpu, 0, Precision::bf16, 0};
  std::vector<std::vector<float>> found;
  for (const int threads : {1, 2, 3}) {
    set_threads(threads);
    found.push_back(Embedder(folder, options).embed(views).vectors);
  }
  set_threads(1);
  EXPECT_EQ(found[0], found[1]);
  EXPECT_EQ(found[0], found[2]);
}

INSTANTIATE_TEST_SUITE_P(Devices, MiniLm, testing::Values(Device::cpu, Device::cuda));

}  // namespace
}  // namespace farpoint::models
