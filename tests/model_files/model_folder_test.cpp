// SPDX-License-Identifier: Apache-2.0
#include "farpoint/model_files/model_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "farpoint/base/error.hpp"
#include "farpoint/model_files/weights.hpp"
#include "model_files/files.hpp"

namespace farpoint::model_files {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::ThrowsMessage;
using testing::UnorderedElementsAre;

class ModelFolderTest : public testing::Test {
 protected:
  ModelFolderTest() {
    set("config.json", {{"model_type", "bert"}, {"hidden_size", 24}});
    set("tokenizer.json", json::object());
    write(folder_ / "model.safetensors", three_bytes("t"));
  }

  void set(const std::string& file, const json& content) const { write(folder_ / file, content.dump()); }
  void set_sentence_pipeline(int pooling_width = 24) const {
    set("modules.json", {{{"path", ""}, {"type", "sentence_transformers.models.Transformer"}},
                         {{"path", "1_Pooling"}, {"type", "sentence_transformers.models.Pooling"}},
                         {{"path", "2_Dense"}, {"type", "sentence_transformers.models.Dense"}}});
    set("1_Pooling/config.json", {{"word_embedding_dimension", pooling_width}, {"pooling_mode", {"cls", "mean"}}});
    set("2_Dense/config.json", {{"in_features", 48}, {"out_features", 2}});
    write(folder_ / "2_Dense/model.safetensors", three_bytes("t"));
  }
  ModelFolder open() const { return open_model_folder(folder_.path()); }
  void expect_refused(const std::string& words) const {
    EXPECT_THAT([&] { open(); },
                ThrowsMessage<UsageError>(AllOf(HasSubstr(folder_.path().string()), HasSubstr(words))));
  }
  TemporaryFolder folder_;
};

TEST_F(ModelFolderTest, ReadsAPlainModel) {
  const ModelFolder model = open();
  EXPECT_EQ(model.path, folder_.path());
  EXPECT_EQ(model.config.hidden_size, 24);
  EXPECT_FALSE(model.sentence.found);
  EXPECT_EQ(model.max_tokens, 512);
  EXPECT_EQ(model.tokenizer, folder_ / "tokenizer.json");
  EXPECT_THAT(model.files,
              UnorderedElementsAre(folder_ / "config.json", folder_ / "tokenizer.json", folder_ / "model.safetensors"));
}

TEST_F(ModelFolderTest, ListsAllFilesThatDecide) {
  set_sentence_pipeline();
  set("tokenizer_config.json", json::object());
  set("README.md", json::object());
  const ModelFolder model = open();
  EXPECT_THAT(
      model.files,
      UnorderedElementsAre(folder_ / "config.json", folder_ / "tokenizer.json", folder_ / "tokenizer_config.json",
                           folder_ / "model.safetensors", folder_ / "modules.json", folder_ / "1_Pooling/config.json",
                           folder_ / "2_Dense/config.json", folder_ / "2_Dense/model.safetensors"));
}

TEST_F(ModelFolderTest, TheSentenceFileLimitsTokens) {
  set_sentence_pipeline();
  set("tokenizer_config.json", {{"model_max_length", 100}});
  set("sentence_bert_config.json", {{"max_seq_length", 256}});
  EXPECT_EQ(open().max_tokens, 256);
  // More tokens than rows of the table of positions cannot be.
  set("sentence_bert_config.json", {{"max_seq_length", 4'096}});
  EXPECT_EQ(open().max_tokens, 512);
  set("config.json", {{"model_type", "modernbert"}, {"hidden_size", 24}, {"max_position_embeddings", 512}});
  EXPECT_EQ(open().max_tokens, 4'096);
}

TEST_F(ModelFolderTest, OtherwisePositionsAndTheTokenizerDo) {
  set("tokenizer_config.json", {{"model_max_length", 100}});
  EXPECT_EQ(open().max_tokens, 100);
  set("tokenizer_config.json", {{"model_max_length", 1'000}});
  EXPECT_EQ(open().max_tokens, 512);
  write(folder_ / "tokenizer_config.json", R"({"model_max_length":1000000000000000019884624838656})");
  EXPECT_EQ(open().max_tokens, 512);
  set("tokenizer_config.json", {{"model_max_length", -1}});
  expect_refused("model_max_length");
  set("tokenizer_config.json", json::object());
  set("config.json", {{"model_type", "roberta"}, {"hidden_size", 24}, {"max_position_embeddings", 514}});
  EXPECT_EQ(open().max_tokens, 512);
}

TEST_F(ModelFolderTest, WidthsFit) {
  set_sentence_pipeline();
  EXPECT_THAT(open().sentence.dense, SizeIs(1));
  set_sentence_pipeline(23);
  expect_refused("vectors of 23 numbers, but the model's have 24");
  set_sentence_pipeline();
  set("2_Dense/config.json", {{"in_features", 24}, {"out_features", 2}});
  expect_refused("in_features is 24, but the pooling gives 48");
}

TEST_F(ModelFolderTest, SaysWhatIsMissing) {
  std::filesystem::remove(folder_ / "model.safetensors");
  expect_refused("neither model.safetensors nor");
  std::filesystem::remove(folder_ / "tokenizer.json");
  expect_refused("AutoTokenizer.from_pretrained");
  std::filesystem::remove(folder_ / "config.json");
  expect_refused("config.json is missing");
}

TEST_F(ModelFolderTest, DenseLayersHaveWeightsToo) {
  set_sentence_pipeline();
  std::filesystem::remove(folder_ / "2_Dense/model.safetensors");
  write(folder_ / "2_Dense/pytorch_model.bin", "");
  expect_refused("2_Dense: the weights are there only as pytorch_model.bin");
}

TEST_F(ModelFolderTest, ModelsAreInAFolderOfTheirOwnOfOldFolders) {
  set("modules.json", {{{"path", "0_Transformer"}, {"type", "sentence_transformers.models.Transformer"}},
                       {{"path", "1_Pooling"}, {"type", "sentence_transformers.models.Pooling"}}});
  set("1_Pooling/config.json", json::object());
  for (const char* name : {"config.json", "tokenizer.json", "model.safetensors"}) {
    std::filesystem::create_directories(folder_ / "0_Transformer");
    std::filesystem::rename(folder_ / name, folder_ / "0_Transformer" / name);
  }
  EXPECT_EQ(open().tokenizer, folder_ / "0_Transformer" / "tokenizer.json");
  EXPECT_THAT(open().files, Contains(folder_ / "0_Transformer" / "model.safetensors"));
}

TEST_F(ModelFolderTest, KeepsItsOwnWordsForWhatIsNoFolder) {
  EXPECT_THAT([] { open_model_folder("sentence-transformers/all-MiniLM-L6-v2"); },
              ThrowsMessage<UsageError>(HasSubstr("hf download sentence-transformers/all-MiniLM-L6-v2")));
  EXPECT_THAT([] { open_model_folder("./no/folder"); },
              ThrowsMessage<UsageError>(AllOf(HasSubstr("no such folder"), Not(HasSubstr("Hub")))));
  EXPECT_THAT([&] { open_model_folder(folder_ / "config.json"); }, ThrowsMessage<UsageError>(HasSubstr("is a file")));
  EXPECT_THAT([] { open_model_folder(std::string(5'000, 'x')); },
              ThrowsMessage<Error>(HasSubstr("cannot be looked for")));
}

TEST(RealModelTest, MiniLmIsRead) {
  const char* folder = std::getenv("FARPOINT_MINILM");
  if (folder == nullptr) GTEST_SKIP() << "FARPOINT_MINILM is not set";
  const ModelFolder model = open_model_folder(folder);
  EXPECT_EQ(model.config.family, Family::bert);
  EXPECT_EQ(model.config.layers, 6);
  EXPECT_EQ(model.max_tokens, 256);
  EXPECT_THAT(model.sentence.pooling, ElementsAre(PoolingMode::mean));
  EXPECT_TRUE(model.sentence.normalize);
  const Weights weights = Weights::open(model.sentence.transformer_folder);
  weights.prefetch();
  EXPECT_THAT(weights.at("embeddings.word_embeddings.weight").shape, ElementsAre(30'522, 384));
  EXPECT_EQ(weights.at("encoder.layer.5.output.dense.weight").dtype, Dtype::f32);
}

TEST_F(ModelFolderTest, ReadsWhatEndsATextFromTheSettingsOfGeneration) {
  EXPECT_THAT(read_generation_settings(open()).end_tokens, SizeIs(0));
  set("config.json", {{"model_type", "bert"}, {"hidden_size", 24}, {"eos_token_id", 7}});
  EXPECT_THAT(read_generation_settings(open()).end_tokens, ElementsAre(7));
  EXPECT_THAT(read_generation_settings(open()).files, SizeIs(0));
  set("generation_config.json", {{"eos_token_id", {3, 5}}});
  const auto settings = read_generation_settings(open());
  EXPECT_THAT(settings.end_tokens, ElementsAre(3, 5));
  EXPECT_THAT(settings.files, ElementsAre(folder_ / "generation_config.json"));
  for (const json& none : {json(nullptr), json(-1), json::array()}) {
    set("generation_config.json", {{"eos_token_id", none}});
    EXPECT_THAT(read_generation_settings(open()).end_tokens, ElementsAre(7)) << none;
  }
  for (const json& wrong : {json("</s>"), json(1.5), json(-2), json({1, "2"})}) {
    set("generation_config.json", {{"eos_token_id", wrong}});
    EXPECT_THAT([&] { read_generation_settings(open()); },
                ThrowsMessage<UsageError>(AllOf(HasSubstr("generation_config.json"), HasSubstr("eos_token_id"))));
  }
}

}  // namespace
}  // namespace farpoint::model_files
