// SPDX-License-Identifier: Apache-2.0
// What trained classifiers need of model folders: dropout, and the new folder.
#include "farpoint/model_files/classifier_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "farpoint/base/atomic_file.hpp"
#include "model_files/files.hpp"
#include "model_files/parsed.hpp"

namespace farpoint::model_files {
namespace {

using nlohmann::json;

/// In the order of DropoutShares.
std::vector<double> shares(const ModelConfig& config) {
  const auto& of = config.dropout;
  return {of.embeddings, of.attention, of.attention_output, of.inner,
          of.output,     of.positions, of.head_input,       of.classifier};
}

using Shares = std::vector<double>;

TEST(DropoutTest, HasTheDefaultsOfTransformers) {
  EXPECT_EQ(shares(parsed("bert")), (Shares{0.1, 0.1, 0.1, 0, 0.1, 0, 0, 0.1}));
  EXPECT_EQ(shares(parsed("roberta")), (Shares{0.1, 0.1, 0.1, 0, 0.1, 0, 0.1, 0.1}));
  EXPECT_EQ(shares(parsed("mpnet")), (Shares{0.1, 0.1, 0.1, 0, 0.1, 0, 0.1, 0.1}));
  EXPECT_EQ(shares(parsed("distilbert")), (Shares{0.1, 0.1, 0, 0, 0.1, 0, 0, 0.2}));
  EXPECT_EQ(shares(parsed("deberta-v2")), (Shares{0.1, 0.1, 0.1, 0, 0.1, 0.1, 0, 0.1}));
  EXPECT_EQ(shares(parsed("modernbert")), (Shares{0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(parsed("bert").initializer_range, 0.02);
  EXPECT_EQ(parsed("modernbert").initializer_cutoff, 2);
}

TEST(DropoutTest, ReadsItsKeys) {
  json keys{{"hidden_dropout_prob", 0.2}, {"attention_probs_dropout_prob", 0.3}, {"initializer_range", 0.5}};
  EXPECT_EQ(shares(parsed("bert", keys)), (Shares{0.2, 0.3, 0.2, 0, 0.2, 0, 0, 0.2}));
  EXPECT_EQ(parsed("bert", keys).initializer_range, 0.5);
  keys["classifier_dropout"] = 0.4;
  EXPECT_EQ(shares(parsed("bert", keys)), (Shares{0.2, 0.3, 0.2, 0, 0.2, 0, 0, 0.4}));
  EXPECT_EQ(shares(parsed("roberta", keys)), (Shares{0.2, 0.3, 0.2, 0, 0.2, 0, 0.4, 0.4}));
  EXPECT_EQ(shares(parsed("mpnet", keys)), (Shares{0.2, 0.3, 0.2, 0, 0.2, 0, 0.2, 0.2}));
  keys["pooler_dropout"] = 0.5;
  EXPECT_EQ(shares(parsed("deberta-v2", keys)), (Shares{0.2, 0.3, 0.2, 0, 0.2, 0.2, 0.5, 0.2}));
  keys["cls_dropout"] = 0.6;
  EXPECT_EQ(shares(parsed("deberta-v2", keys)), (Shares{0.2, 0.3, 0.2, 0, 0.2, 0.2, 0.5, 0.6}));
  EXPECT_EQ(shares(parsed("distilbert", {{"dropout", 0.2}, {"attention_dropout", 0.3}, {"seq_classif_dropout", 0.4}})),
            (Shares{0.2, 0.3, 0, 0, 0.2, 0, 0, 0.4}));
  EXPECT_EQ(
      shares(parsed(
          "modernbert",
          {{"embedding_dropout", 0.2}, {"attention_dropout", 0.3}, {"mlp_dropout", 0.4}, {"classifier_dropout", 0.5}})),
      (Shares{0.2, 0.3, 0.3, 0.4, 0, 0, 0, 0.5}));
  expect_refused("bert", {{"hidden_dropout_prob", 1.5}}, "hidden_dropout_prob");
}

TEST(ClassifierFolderTest, NamesTensorsAsTransformersDoes) {
  const auto name = [](const char* type, const char* prefix, const char* tensor) {
    return classifier_tensor_name(parsed(type), prefix, tensor);
  };
  EXPECT_EQ(name("bert", "", "encoder.layer.0.x"), "bert.encoder.layer.0.x");
  EXPECT_EQ(name("bert", "bert.", "bert.encoder.layer.0.x"), "bert.encoder.layer.0.x");
  EXPECT_EQ(name("bert", "", "pooler.dense.weight"), "bert.pooler.dense.weight");
  EXPECT_EQ(name("bert", "", "classifier.weight"), "classifier.weight");
  EXPECT_EQ(name("xlm-roberta", "", "embeddings.x"), "roberta.embeddings.x");
  EXPECT_EQ(name("roberta", "roberta.", "classifier.dense.weight"), "classifier.dense.weight");
  EXPECT_EQ(name("distilbert", "", "pre_classifier.bias"), "pre_classifier.bias");
  EXPECT_EQ(name("deberta-v2", "model.", "model.encoder.x"), "deberta.encoder.x");
  EXPECT_EQ(name("deberta-v2", "", "pooler.dense.weight"), "pooler.dense.weight");
  EXPECT_EQ(name("modernbert", "", "layers.0.x"), "model.layers.0.x");
  EXPECT_EQ(name("modernbert", "", "head.norm.weight"), "head.norm.weight");
}

TEST(ClassifierFolderTest, WritesSettingsAndTokenizer) {
  const TemporaryFolder folders;
  const auto source = folders / "source";
  json config{{"model_type", "bert"}, {"hidden_size", 24},        {"architectures", {"BertModel"}},
              {"num_labels", 2},      {"torch_dtype", "float16"}, {"some_key", 7}};
  write(source / "config.json", config.dump());
  write(source / "tokenizer.json", "{\"a\": 1}");
  write(source / "vocab.txt", "word\n");
  write(source / "tokenizer_config.json", R"({"model_max_length": 512, "do_lower_case": true})");
  write(source / "README.md", "about");
  write(source / "model.safetensors", three_bytes("t"));
  const auto target = folders / "target";
  std::filesystem::create_directories(target);
  write_classifier_settings(open_model_folder(source), {{"bad", "good", "\"best\""}, ProblemType::single_label, 128},
                            target);
  const auto written = json::parse(read_file(target / "config.json"));
  EXPECT_EQ(written.at("architectures"), json({"BertForSequenceClassification"}));
  EXPECT_EQ(written.at("id2label"), json({{"0", "bad"}, {"1", "good"}, {"2", "\"best\""}}));
  EXPECT_EQ(written.at("label2id"), json({{"bad", 0}, {"good", 1}, {"\"best\"", 2}}));
  EXPECT_EQ(written.at("problem_type"), "single_label_classification");
  EXPECT_EQ(written.at("dtype"), "float32");
  EXPECT_EQ(written.at("some_key"), 7);
  EXPECT_FALSE(written.contains("num_labels") || written.contains("torch_dtype"));
  EXPECT_EQ(json::parse(read_file(target / "tokenizer_config.json")),
            json({{"model_max_length", 128}, {"do_lower_case", true}}));
  EXPECT_EQ(read_file(target / "tokenizer.json"), "{\"a\": 1}");
  EXPECT_EQ(read_file(target / "vocab.txt"), "word\n");
  EXPECT_FALSE(std::filesystem::exists(target / "README.md"));

  const auto read = parse_model_config(read_file(target / "config.json"), "config.json");
  EXPECT_EQ(read.labels, (std::vector<std::string>{"bad", "good", "\"best\""}));
  EXPECT_EQ(read.problem, ProblemType::single_label);
  write_classifier_settings(open_model_folder(source), {{"grade"}, ProblemType::regression, 128}, target);
  EXPECT_EQ(parse_model_config(read_file(target / "config.json"), "config.json").problem, ProblemType::regression);
}

}  // namespace
}  // namespace farpoint::model_files
