// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "model_files/files.hpp"
#include "model_files/parsed.hpp"

namespace farpoint::model_files {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr const char* families[] = {"bert", "distilbert", "mpnet",   "roberta", "deberta-v2", "modernbert",
                                    "gpt2", "llama",      "mistral", "qwen2",   "qwen3"};

void expect_text_refused(const std::string& text, const std::string& words) {
  EXPECT_THAT([&] { parse_model_config(text, "config.json"); },
              ThrowsMessage<UsageError>(AllOf(HasSubstr("config.json"), HasSubstr(words))))
      << text.substr(0, 100);
}

TEST(ConfigRulesTest, RefusesWhatIsNotJson) {
  expect_text_refused("", "not valid JSON at line 1");
  expect_text_refused("{\n\n]", "not valid JSON at line 3");
  expect_text_refused("{} x", "not valid JSON");
  expect_text_refused("{\"model_type\":\"\xff\"}", "not valid JSON");
  expect_text_refused(std::string("{}\0", 3), "NUL");
  expect_text_refused("[]", "should be a JSON object");
  expect_text_refused("1e999", "number");
  expect_text_refused(R"({"model_type":"bert","model_type":"bert"})", "there twice");
  expect_text_refused(R"({"a":{"b":1,"b":2}})", "there twice");
  expect_text_refused(std::string(100'000, '['), "levels");
  expect_text_refused(std::string((32U << 20) + 1, ' '), "at most");
  EXPECT_EQ(parse_model_config(R"({"model_type":"bert","a":{"x":1},"b":{"x":1}})", "config.json").layers, 12);
}

TEST(ConfigRulesTest, NamesTheModelTypesThatAreSupported) {
  expect_refused("new", json::object(),
                 "supported are bert, distilbert, mpnet, roberta, xlm-roberta, camembert, "
                 "deberta-v2, modernbert, gpt2, llama, mistral, qwen2, qwen3");
  expect_refused("new", {{"auto_map", {{"AutoModel", "modeling.NewModel"}}}}, "Python code of their own");
  expect_refused("modernbert-decoder", json::object(), "supported are");
  expect_refused("t5", json::object(), "\"t5\"");
  expect_text_refused("{}", "\"model_type\" is null");
}

TEST(ConfigRulesTest, RefusesWhatWouldChangeTheResults) {
  const std::pair<json, const char*> refused[] = {
      {{{"quantization_config", {{"bits", 4}}}}, "quantised"},
      {{{"compression_config", {{"bits", 4}}}}, "quantised"},
      {{{"attn_logit_softcapping", 50.0}}, "attn_logit_softcapping"},
      {{{"final_logit_softcapping", 30.0}}, "final_logit_softcapping"},
      {{{"query_pre_attn_scalar", 256}}, "query_pre_attn_scalar"},
      {{{"per_layer_config", {{"0", json::object()}}}}, "per_layer_config"},
      {{{"pruned_heads", {{"0", {1}}}}}, "pruned_heads"},
      {{{"add_cross_attention", true}}, "two parts"},
      {{{"is_encoder_decoder", true}}, "two parts"},
      {{{"position_embedding_type", "relative_key"}}, "only absolute"},
      {{{"auto_map", {{"AutoModel", "modeling.Model"}}}}, "Python code of its own"},
  };
  for (const char* family : families) {
    for (const auto& [keys, words] : refused) expect_refused(family, keys, words);
    // Not set is no reason.
    const json unset = {
        {"quantization_config", nullptr}, {"attn_logit_softcapping", nullptr}, {"is_decoder", false},
        {"pruned_heads", json::object()}, {"add_cross_attention", false},      {"auto_map", json::object()}};
    EXPECT_EQ(parsed(family, unset).model_type, family);
  }
}

TEST(ConfigRulesTest, EncodersAreNoDecoders) {
  for (const char* family : {"bert", "distilbert", "mpnet", "roberta", "deberta-v2", "modernbert"}) {
    expect_refused(family, {{"is_decoder", true}}, "encoder only");
    expect_refused(family, {{"is_causal", true}}, "encoder only");
  }
}

/// Keys that say how large things are, of each family, and whether 0 is a value too.
TEST(ConfigRulesTest, RefusesSizesOutOfRange) {
  const std::pair<const char*, std::vector<const char*>> keys[] = {
      {"bert",
       {"vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
        "max_position_embeddings", "type_vocab_size"}},
      {"roberta", {"vocab_size", "type_vocab_size"}},
      {"distilbert", {"vocab_size", "dim", "n_layers", "n_heads", "hidden_dim", "max_position_embeddings"}},
      {"gpt2", {"vocab_size", "n_embd", "n_layer", "n_head", "n_inner", "n_positions"}},
      {"deberta-v2", {"embedding_size"}},
      {"llama", {"hidden_size", "num_key_value_heads", "head_dim"}},
      {"qwen2", {"sliding_window"}}};
  for (const auto& [family, names] : keys) {
    for (const char* name : names) {
      for (const json& value : {json(0), json(-1), json(1'000'000'000'000), json(std::uint64_t{1} << 63),
                                json(std::numeric_limits<std::int64_t>::min()), json(2.0), json("2"), json(true)}) {
        const json with = {{name, value}, {"use_sliding_window", true}};
        expect_refused(family, with, std::string("\"") + name + "\" is " + value.dump());
      }
    }
  }
  expect_refused("bert", {{"num_attention_heads", 5}}, "should divide the hidden size");
  expect_refused("distilbert", {{"n_heads", 5}}, "should divide the hidden size");
  expect_refused("gpt2", {{"n_head", 5}}, "should divide the hidden size");
  expect_refused("deberta-v2", {{"type_vocab_size", -1}}, "type_vocab_size");
  expect_refused("deberta-v2", {{"position_buckets", -2}}, "position_buckets");
}

TEST(ConfigRulesTest, RefusesOtherValuesOfTheWrongKind) {
  expect_refused("bert", {{"pad_token_id", 30'522}}, "pad_token_id");
  expect_refused("bert", {{"pad_token_id", -2}}, "pad_token_id");
  expect_refused("bert", {{"layer_norm_eps", 0}}, "above 0");
  expect_refused("bert", {{"layer_norm_eps", 1}}, "layer_norm_eps");
  expect_refused("bert", {{"layer_norm_eps", "1e-5"}}, "layer_norm_eps");
  expect_refused("bert", {{"tie_word_embeddings", 1}}, "true or false");
  expect_refused("bert", {{"hidden_act", "quick_gelu"}}, "supported activations are gelu");
  expect_refused("bert", {{"hidden_act", 1}}, "hidden_act");
  expect_refused("bert", {{"architectures", "BertModel"}}, "a list of texts");
  expect_refused("bert", {{"architectures", {1}}}, "a list of texts");
  expect_refused("llama", {{"layer_types", 1}, {"rms_norm_eps", 1}}, "rms_norm_eps");
}

TEST(ConfigRulesTest, KnowsTheNamesOfActivations) {
  const std::pair<const char*, Activation> names[] = {
      {"gelu", Activation::gelu},           {"gelu_python", Activation::gelu},
      {"gelu_new", Activation::gelu_tanh},  {"gelu_pytorch_tanh", Activation::gelu_tanh},
      {"gelu_fast", Activation::gelu_tanh}, {"relu", Activation::relu},
      {"silu", Activation::silu},           {"swish", Activation::silu},
      {"tanh", Activation::tanh},           {"sigmoid", Activation::sigmoid},
      {"linear", Activation::identity}};
  for (const auto& [name, activation] : names) {
    EXPECT_EQ(parsed("bert", {{"hidden_act", name}}).activation, activation) << name;
  }
}

TEST(ConfigRulesTest, DtypeHasTwoNames) {
  EXPECT_EQ(parsed("bert", {{"torch_dtype", "float16"}}).dtype, "float16");
  EXPECT_EQ(parsed("bert", {{"dtype", "bfloat16"}}).dtype, "bfloat16");
  EXPECT_EQ(parsed("bert", {{"dtype", "bfloat16"}, {"torch_dtype", "float16"}}).dtype, "bfloat16");
  EXPECT_EQ(parsed("bert", {{"dtype", nullptr}}).dtype, "");
}

TEST(LabelsTest, AreNamedOrNumbered) {
  EXPECT_THAT(parsed("bert").labels, ElementsAre("LABEL_0", "LABEL_1"));
  EXPECT_THAT(parsed("bert", {{"num_labels", 1}}).labels, ElementsAre("LABEL_0"));
  EXPECT_THAT(parsed("bert", {{"id2label", {{"1", "good"}, {"0", "bad"}, {"2", 7}}}}).labels,
              ElementsAre("bad", "good", "7"));
  EXPECT_THAT(parsed("bert", {{"id2label", {{"0", "x"}}}, {"num_labels", 1}}).labels, ElementsAre("x"));
  expect_refused("bert", {{"id2label", {{"0", "x"}}}, {"num_labels", 3}}, "but id2label names 1");
  // In the order of the numbers, not of the texts.
  json many = json::object();
  for (int i = 0; i < 12; ++i) many[std::to_string(i)] = "L" + std::to_string(i);
  EXPECT_EQ(parsed("bert", {{"id2label", many}}).labels[2], "L2");
}

TEST(LabelsTest, RefusesNumbersThatDoNotCount) {
  expect_refused("bert", {{"id2label", json::object()}}, "1 to 100000 labels");
  expect_refused("bert", {{"id2label", {{"1", "x"}}}}, "numbered from 0");
  expect_refused("bert", {{"id2label", {{"-1", "x"}}}}, "numbered from 0");
  expect_refused("bert", {{"id2label", {{"0", "x"}, {"00", "y"}}}}, "numbered from 0");
  expect_refused("bert", {{"id2label", {{"0x", "x"}}}}, "numbered from 0");
  expect_refused("bert", {{"id2label", {{"0", {1}}}}}, "it should be a text");
  expect_refused("bert", {{"num_labels", 0}}, "num_labels");
  expect_refused("bert", {{"num_labels", 100'001}}, "num_labels");
}

TEST(LabelsTest, ProblemTypes) {
  EXPECT_EQ(parsed("bert").problem, ProblemType::single_label);
  EXPECT_EQ(parsed("bert", {{"num_labels", 1}}).problem, ProblemType::regression);
  EXPECT_EQ(parsed("bert", {{"problem_type", "regression"}}).problem, ProblemType::regression);
  EXPECT_EQ(parsed("bert", {{"problem_type", "multi_label_classification"}}).problem, ProblemType::multi_label);
  EXPECT_EQ(parsed("bert", {{"problem_type", "single_label_classification"}}).problem, ProblemType::single_label);
  EXPECT_EQ(parsed("bert").cross_encoder_activation, "");
  const nlohmann::json old_key{{"sbert_ce_default_activation_function", "torch.nn.modules.linear.Identity"}};
  EXPECT_EQ(parsed("bert", old_key).cross_encoder_activation, "torch.nn.modules.linear.Identity");
  EXPECT_EQ(parsed("bert", {{"sbert_ce_default_activation_function", nullptr}}).cross_encoder_activation, "");
  auto both = old_key;
  both["sentence_transformers"] = {{"version", "4.1.0"}, {"activation_fn", "torch.nn.modules.activation.Sigmoid"}};
  EXPECT_EQ(parsed("bert", both).cross_encoder_activation, "torch.nn.modules.activation.Sigmoid");
  expect_refused("bert", {{"problem_type", "other"}}, "known are");
  expect_refused("bert", {{"problem_type", "single_label_classification"}, {"num_labels", 1}}, "should be regression");
}

TEST(ConfigFileTest, IsReadFromDisk) {
  const TemporaryFolder folder;
  EXPECT_EQ(read_model_config(write(folder / "config.json", R"({"model_type":"gpt2"})")).family, Family::gpt2);
  EXPECT_THAT([&] { read_model_config(folder / "none.json"); }, ThrowsMessage<Error>(HasSubstr("cannot read")));
  EXPECT_THAT([&] { read_model_config(folder.path()); }, ThrowsMessage<Error>(HasSubstr("cannot read")));
  EXPECT_THAT([&] { read_model_config(write(folder / "x.json", "{}")); },
              ThrowsMessage<UsageError>(HasSubstr((folder / "x.json").string())));
}

}  // namespace
}  // namespace farpoint::model_files
