// SPDX-License-Identifier: Apache-2.0
#include "farpoint/model_files/sentence_pipeline.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "farpoint/base/error.hpp"
#include "model_files/files.hpp"

namespace farpoint::model_files {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::ThrowsMessage;

json module(const std::string& type, const std::string& path) {
  return {{"idx", 0}, {"name", "0"}, {"path", path}, {"type", type}};
}

json old_module(const std::string& kind, const std::string& path) {
  return module("sentence_transformers.models." + kind, path);
}

class SentencePipelineTest : public testing::Test {
 protected:
  SentencePipelineTest() {
    set_modules({old_module("Transformer", ""), old_module("Pooling", "1_Pooling")});
    set_pooling({{"word_embedding_dimension", 8}, {"pooling_mode_mean_tokens", true}});
  }

  void set(const std::string& file, const json& content) const { write(folder_ / file, content.dump()); }
  void set_modules(const json& modules) const { set("modules.json", modules); }
  void set_pooling(const json& content) const { set("1_Pooling/config.json", content); }
  void set_dense(const json& content) const {
    set_modules({old_module("Transformer", ""), old_module("Pooling", "1_Pooling"), old_module("Dense", "2_Dense")});
    set("2_Dense/config.json", content);
  }
  SentencePipeline read() const { return read_sentence_pipeline(folder_.path()); }
  void expect_refused(const std::string& words) const {
    EXPECT_THAT([&] { read(); },
                ThrowsMessage<UsageError>(AllOf(HasSubstr(folder_.path().string()), HasSubstr(words))));
  }
  TemporaryFolder folder_;
};

TEST_F(SentencePipelineTest, WithoutModulesNothingIsFound) {
  std::filesystem::remove(folder_ / "modules.json");
  const SentencePipeline pipeline = read();
  EXPECT_FALSE(pipeline.found);
  EXPECT_THAT(pipeline.pooling, IsEmpty());
  EXPECT_EQ(pipeline.transformer_folder, folder_.path());
}

TEST_F(SentencePipelineTest, ReadsTheUsualFolder) {
  set_modules(
      {old_module("Transformer", ""), old_module("Pooling", "1_Pooling"), old_module("Normalize", "2_Normalize")});
  set("sentence_bert_config.json", {{"max_seq_length", 256}, {"do_lower_case", true}});
  const SentencePipeline pipeline = read();
  EXPECT_TRUE(pipeline.found);
  EXPECT_EQ(pipeline.max_seq_length, 256);
  EXPECT_TRUE(pipeline.do_lower_case);
  EXPECT_THAT(pipeline.pooling, ElementsAre(PoolingMode::mean));
  EXPECT_EQ(pipeline.pooling_width, 8);
  EXPECT_TRUE(pipeline.include_prompt);
  EXPECT_TRUE(pipeline.normalize);
  EXPECT_EQ(pipeline.transformer_folder, folder_.path());
  EXPECT_THAT(pipeline.files, ElementsAre(folder_ / "modules.json", folder_ / "sentence_bert_config.json",
                                          folder_ / "1_Pooling/config.json"));
}

TEST_F(SentencePipelineTest, ReadsTheNamesOfVersion6) {
  set_modules({module("sentence_transformers.base.modules.transformer.Transformer", "0_Transformer"),
               module("sentence_transformers.sentence_transformer.modules.pooling.Pooling", "1_Pooling"),
               module("sentence_transformers.base.modules.dense.Dense", "2_Dense"),
               module("sentence_transformers.base.modules.normalize.Normalize", "3_Normalize")});
  set("0_Transformer/sentence_bert_config.json",
      {{"transformer_task", "feature-extraction"},
       {"modality_config", {{"text", {{"method", "forward"}, {"method_output_name", "last_hidden_state"}}}}},
       {"module_output_name", "token_embeddings"}});
  set_pooling({{"embedding_dimension", 8}, {"pooling_mode", "cls"}, {"include_prompt", false}});
  set("2_Dense/config.json", {{"in_features", 8},
                              {"out_features", 4},
                              {"module_input_name", "sentence_embedding"},
                              {"module_output_name", "sentence_embedding"}});
  set("3_Normalize/config.json", {{"module_input_name", "sentence_embedding"}});
  const SentencePipeline pipeline = read();
  EXPECT_EQ(pipeline.transformer_folder, folder_ / "0_Transformer");
  EXPECT_THAT(pipeline.pooling, ElementsAre(PoolingMode::cls));
  EXPECT_EQ(pipeline.pooling_width, 8);
  EXPECT_FALSE(pipeline.include_prompt);
  EXPECT_THAT(pipeline.dense, SizeIs(1));
  EXPECT_TRUE(pipeline.normalize);
}

TEST_F(SentencePipelineTest, SeveralPoolingsAreConcatenatedInAFixedOrder) {
  set_pooling({{"pooling_mode_lasttoken", true},
               {"pooling_mode_weightedmean_tokens", true},
               {"pooling_mode_mean_sqrt_len_tokens", true},
               {"pooling_mode_mean_tokens", true},
               {"pooling_mode_max_tokens", true},
               {"pooling_mode_cls_token", true}});
  EXPECT_THAT(read().pooling,
              ElementsAre(PoolingMode::cls, PoolingMode::max, PoolingMode::mean, PoolingMode::mean_sqrt_len,
                          PoolingMode::weighted_mean, PoolingMode::last_token));
  // A list keeps its order, and wins over the older keys.
  set_pooling({{"pooling_mode", {"lasttoken", "cls"}}, {"pooling_mode_mean_tokens", true}});
  EXPECT_THAT(read().pooling, ElementsAre(PoolingMode::last_token, PoolingMode::cls));
  set_pooling({{"pooling_mode_mean_tokens", false}});
  EXPECT_THAT(read().pooling, ElementsAre(PoolingMode::mean));
  for (const auto& [name, mode] :
       {std::pair{"cls", PoolingMode::cls}, std::pair{"max", PoolingMode::max}, std::pair{"mean", PoolingMode::mean},
        std::pair{"mean_sqrt_len_tokens", PoolingMode::mean_sqrt_len},
        std::pair{"weightedmean", PoolingMode::weighted_mean}, std::pair{"lasttoken", PoolingMode::last_token}}) {
    set_pooling({{"pooling_mode", name}});
    EXPECT_THAT(read().pooling, ElementsAre(mode)) << name;
  }
}

TEST_F(SentencePipelineTest, RefusesOtherPoolings) {
  set_pooling({{"pooling_mode", "attention"}});
  expect_refused("known are cls, max");
  set_pooling({{"pooling_mode", json::array()}});
  expect_refused("1 to 6 modes");
  set_pooling({{"pooling_mode", 1}});
  expect_refused("pooling_mode");
  set_pooling({{"pooling_mode_mean_tokens", 1}});
  expect_refused("true or false");
  set_pooling({{"embedding_dimension", 8}, {"word_embedding_dimension", 9}});
  expect_refused("another name of the same");
  std::filesystem::remove(folder_ / "1_Pooling/config.json");
  expect_refused("says how to pool");
}

TEST_F(SentencePipelineTest, TriesTheOldNamesOfTheTransformersFile) {
  for (const char* name :
       {"sentence_xlnet_config.json", "sentence_xlm-roberta_config.json", "sentence_albert_config.json",
        "sentence_camembert_config.json", "sentence_distilbert_config.json", "sentence_roberta_config.json",
        "sentence_bert_config.json"}) {
    static int length = 100;
    set(name, {{"max_seq_length", ++length}});
    EXPECT_EQ(read().max_seq_length, length) << name;  // each wins over those before
  }
}

TEST_F(SentencePipelineTest, LengthsMayBeAbsent) {
  for (const json& length : {json(nullptr), json(1e30), json(1'000'000'000'000)}) {
    set("sentence_bert_config.json", {{"max_seq_length", length}});
    EXPECT_EQ(read().max_seq_length, std::nullopt) << length;
  }
  for (const json& length : {json(0), json(-1), json(2.5), json("256")}) {
    set("sentence_bert_config.json", {{"max_seq_length", length}});
    expect_refused("max_seq_length");
  }
  // The tokenizer's arguments win, as in sentence-transformers.
  set("sentence_bert_config.json", {{"max_seq_length", 7}, {"tokenizer_args", {{"model_max_length", 9}}}});
  EXPECT_EQ(read().max_seq_length, 9);
}

TEST_F(SentencePipelineTest, RefusesTransformersThatDoSomethingElse) {
  const json refused[] = {{{"transformer_task", "sequence-classification"}},
                          {{"module_output_name", "sentence_embedding"}},
                          {{"processing_kwargs", {{"text", {{"max_length", 3}}}}}},
                          {{"query_length", 32}},
                          {{"document_length", 32}},
                          {{"query_expansion", {{"x", 1}}}},
                          {{"model_args", {{"x", 1}}}},
                          {{"model_kwargs", {{"x", 1}}}},
                          {{"tokenizer_args", {{"x", 1}}}},
                          {{"processor_kwargs", {{"x", 1}}}},
                          {{"config_args", {{"num_labels", 1}}}},
                          {{"config_kwargs", {{"num_labels", 1}}}}};
  for (const json& content : refused) {
    set("sentence_bert_config.json", content);
    expect_refused(content.begin().key());
  }
  set("sentence_bert_config.json", {{"model_args", {{"torch_dtype", "float16"}}},
                                    {"tokenizer_args", {{"use_fast", true}}},
                                    {"config_args", {{"use_cache", false}}}});
  EXPECT_TRUE(read().found);
}

TEST_F(SentencePipelineTest, TakesOnlyTheLastHiddenStateOfTexts) {
  const auto set_text = [this](const json& text) {
    set("sentence_bert_config.json", {{"modality_config", {{"text", text}}}});
  };
  set_text({{"method", "get_text_features"}});
  expect_refused("only forward");
  set_text({{"method_output_name", "pooler_output"}});
  expect_refused("only last_hidden_state");
  set_text({{"method_output_name", {"text_model_output", "pooler_output"}}});
  expect_refused("method_output_name");
  set("sentence_bert_config.json", {{"modality_config", {{"image", json::object()}}}});
  expect_refused("only models of texts");
}

TEST_F(SentencePipelineTest, ReadsDenseLayers) {
  set_dense({{"in_features", 8},
             {"out_features", 4},
             {"bias", false},
             {"activation_function", "torch.nn.modules.linear.Identity"}});
  const auto dense = read().dense;
  ASSERT_THAT(dense, SizeIs(1));
  EXPECT_EQ(dense[0].folder, folder_ / "2_Dense");
  EXPECT_EQ(dense[0].in, 8);
  EXPECT_EQ(dense[0].out, 4);
  EXPECT_FALSE(dense[0].bias);
  EXPECT_EQ(dense[0].activation, Activation::identity);
  set_dense({{"in_features", 8}, {"out_features", 4}});
  EXPECT_TRUE(read().dense[0].bias);
  EXPECT_EQ(read().dense[0].activation, Activation::tanh);
  for (const auto& [name, activation] :
       {std::pair{"GELU", Activation::gelu}, std::pair{"ReLU", Activation::relu}, std::pair{"SiLU", Activation::silu},
        std::pair{"Tanh", Activation::tanh}, std::pair{"Sigmoid", Activation::sigmoid}}) {
    set_dense({{"in_features", 8},
               {"out_features", 4},
               {"activation_function", fmt::format("torch.nn.modules.activation.{}", name)}});
    EXPECT_EQ(read().dense[0].activation, activation);
  }
}

TEST_F(SentencePipelineTest, RefusesOtherDenseLayers) {
  const auto with = [](const std::string& key, const json& value) {
    json content = {{"in_features", 8}, {"out_features", 4}};
    content[key] = value;
    return content;
  };
  const std::pair<json, const char*> refused[] = {
      {with("in_features", nullptr), "in_features"},
      {with("out_features", nullptr), "out_features"},
      {with("in_features", 0), "in_features"},
      {with("out_features", 1e9), "out_features"},
      {with("activation_function", "torch.nn.modules.activation.Mish"), "supported are Identity"},
      {with("activation_function", "mine.Tanh"), "supported are Identity"},
      {with("module_input_name", "token_embeddings"), "only sentence_embedding"},
      {with("module_output_name", "x"), "only sentence_embedding"},
      {with("use_residual", true), "use_residual"}};
  for (const auto& [content, words] : refused) {
    set_dense(content);
    expect_refused(words);
  }
}

TEST_F(SentencePipelineTest, LayersInARowFit) {
  set_modules({old_module("Transformer", ""), old_module("Pooling", "1_Pooling"), old_module("Dense", "2_Dense"),
               old_module("Dense", "3_Dense")});
  set("2_Dense/config.json", {{"in_features", 8}, {"out_features", 4}});
  set("3_Dense/config.json", {{"in_features", 4}, {"out_features", 2}});
  EXPECT_THAT(read().dense, SizeIs(2));
  set("3_Dense/config.json", {{"in_features", 8}, {"out_features", 2}});
  expect_refused("the layer before gives 4");
}

TEST_F(SentencePipelineTest, RefusesANormalizeOfSomethingElse) {
  set_modules(
      {old_module("Transformer", ""), old_module("Pooling", "1_Pooling"), old_module("Normalize", "2_Normalize")});
  set("2_Normalize/config.json", {{"module_input_name", "token_embeddings"}});
  expect_refused("only sentence_embedding");
}

TEST_F(SentencePipelineTest, ReadsPrompts) {
  set("config_sentence_transformers.json",
      {{"prompts", {{"query", "query: "}, {"document", nullptr}}}, {"default_prompt_name", "query"}});
  EXPECT_EQ(read().default_prompt, "query: ");
  EXPECT_EQ(read().prompts.at("document"), "");
  set("config_sentence_transformers.json", {{"prompts", {{"query", "query: "}}}, {"default_prompt_name", nullptr}});
  EXPECT_EQ(read().default_prompt, "");
  EXPECT_THAT(read().files, Contains(folder_ / "config_sentence_transformers.json"));
  set("config_sentence_transformers.json", {{"default_prompt_name", "query"}});
  expect_refused("prompts does not name it");
  set("config_sentence_transformers.json", {{"prompts", {{"query", 1}}}});
  expect_refused("query");
}

TEST_F(SentencePipelineTest, OtherTypesOfModels) {
  set("config_sentence_transformers.json", {{"model_type", "SparseEncoder"}});
  expect_refused("only SentenceTransformer");
  set("config_sentence_transformers.json", {{"model_type", "CrossEncoder"}});
  EXPECT_FALSE(read().found);
  EXPECT_EQ(read().cross_encoder_activation, "");
  set("config_sentence_transformers.json", {{"model_type", "CrossEncoder"}, {"activation_fn", "torch.nn.Sigmoid"}});
  EXPECT_EQ(read().cross_encoder_activation, "torch.nn.Sigmoid");
  set("config_sentence_transformers.json", {{"model_type", "SentenceTransformer"}});
  EXPECT_TRUE(read().found);
  EXPECT_FALSE(read().cross_encoder_activation);
}

void expect_modules_refused(const json& modules, const std::string& words) {
  EXPECT_THAT([&] { parse_modules(modules.dump(), "modules.json"); },
              ThrowsMessage<UsageError>(AllOf(HasSubstr("modules.json: "), HasSubstr(words))))
      << modules;
}

TEST(ModulesTest, OtherModulesAreRefusedByName) {
  const json transformer = old_module("Transformer", "");
  for (const char* type : {"sentence_transformers.models.LSTM", "sentence_transformers.models.StaticEmbedding",
                           "custom_st.Transformer", "Transformer", "", "sentence_transformers.models."}) {
    expect_modules_refused({transformer, module(type, "")}, fmt::format("\"{}\"", type));
  }
  expect_modules_refused({transformer, {{"path", ""}}}, "type");
  expect_modules_refused({transformer, 1}, "should be a JSON object");
  expect_modules_refused(json::object(), "should be a list");
  expect_modules_refused(std::vector<json>(101, transformer), "should be a list");
}

TEST(ModulesTest, FoldersAreWithinTheModels) {
  for (const char* path : {"/etc", "..", "../x", "a/../../x"}) {
    expect_modules_refused({old_module("Transformer", path), old_module("Pooling", "1")}, "within the model's");
  }
  expect_modules_refused(json::array({old_module("Transformer", std::string("a\0b", 3))}), "within the model's");
}

TEST(ModulesTest, TheOrderIsFixed) {
  const auto order = [](std::initializer_list<const char*> kinds) {
    json modules = json::array();
    for (const char* kind : kinds) modules.push_back(old_module(kind, kind));
    return modules;
  };
  expect_modules_refused(json::array(), "Transformer is not the first");
  expect_modules_refused(order({"Pooling", "Transformer"}), "Transformer is not the first");
  expect_modules_refused(order({"Transformer"}), "Pooling does not follow");
  expect_modules_refused(order({"Transformer", "Normalize"}), "Pooling does not follow");
  expect_modules_refused(order({"Transformer", "Dense", "Pooling"}), "Pooling does not follow");
  expect_modules_refused(order({"Transformer", "Pooling", "Pooling"}), "two of one kind");
  expect_modules_refused(order({"Transformer", "Pooling", "Transformer"}), "two of one kind");
  const auto modules = order({"Transformer", "Pooling", "Dense", "Dense", "Normalize", "Normalize", "Dense"});
  EXPECT_THAT(parse_modules(modules.dump(), "modules.json"), SizeIs(7));
}

TEST_F(SentencePipelineTest, NormalizeStandsBeforeTheDenseLayerBehindIt) {
  set_modules({old_module("Transformer", ""), old_module("Pooling", "1_Pooling"), old_module("Dense", "2_Dense"),
               old_module("Normalize", "3_Normalize"), old_module("Dense", "4_Dense")});
  for (const char* folder : {"2_Dense", "4_Dense"}) {
    set(std::string(folder) + "/config.json", {{"in_features", 8}, {"out_features", 8}});
  }
  const SentencePipeline pipeline = read();
  EXPECT_THAT(pipeline.dense, SizeIs(2));
  EXPECT_FALSE(pipeline.dense[0].normalized_input);
  EXPECT_TRUE(pipeline.dense[1].normalized_input);
  EXPECT_FALSE(pipeline.normalize);
}

}  // namespace
}  // namespace farpoint::model_files
