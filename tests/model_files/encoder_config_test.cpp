// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model_files/parsed.hpp"

namespace farpoint::model_files {
namespace {

using nlohmann::json;
using testing::Each;
using testing::ElementsAre;
using testing::SizeIs;

TEST(BertConfigTest, HasTheDefaultsOfTransformers) {
  const ModelConfig config = parsed("bert");
  EXPECT_EQ(config.family, Family::bert);
  EXPECT_EQ(config.vocab_size, 30'522);
  EXPECT_EQ(config.hidden_size, 768);
  EXPECT_EQ(config.layers, 12);
  EXPECT_EQ(config.heads, 12);
  EXPECT_EQ(config.kv_heads, 12);
  EXPECT_EQ(config.head_dim, 64);
  EXPECT_EQ(config.intermediate_size, 3'072);
  EXPECT_EQ(config.max_positions, 512);
  EXPECT_EQ(config.type_vocab_size, 2);
  EXPECT_EQ(config.pad_token_id, 0);
  EXPECT_EQ(config.activation, Activation::gelu);
  EXPECT_EQ(config.norm_eps, 1e-12);
  EXPECT_TRUE(config.tie_word_embeddings);
  EXPECT_THAT(config.windows, SizeIs(12));
  EXPECT_THAT(config.windows, Each(std::nullopt));
  EXPECT_EQ(usable_positions(config), 512);
  EXPECT_TRUE(has_position_table(config));
}

TEST(BertConfigTest, ReadsItsKeys) {
  const ModelConfig config = parsed("bert", {{"vocab_size", 100},
                                             {"hidden_size", 32},
                                             {"num_hidden_layers", 2},
                                             {"num_attention_heads", 4},
                                             {"intermediate_size", 64},
                                             {"max_position_embeddings", 40},
                                             {"type_vocab_size", 3},
                                             {"pad_token_id", 5},
                                             {"hidden_act", "relu"},
                                             {"layer_norm_eps", 1e-5},
                                             {"tie_word_embeddings", false},
                                             {"architectures", {"BertForSequenceClassification"}},
                                             {"position_embedding_type", "absolute"}});
  EXPECT_EQ(config.vocab_size, 100);
  EXPECT_EQ(config.hidden_size, 32);
  EXPECT_EQ(config.layers, 2);
  EXPECT_EQ(config.head_dim, 8);
  EXPECT_EQ(config.intermediate_size, 64);
  EXPECT_EQ(config.max_positions, 40);
  EXPECT_EQ(config.type_vocab_size, 3);
  EXPECT_EQ(config.pad_token_id, 5);
  EXPECT_EQ(config.activation, Activation::relu);
  EXPECT_EQ(config.norm_eps, 1e-5);
  EXPECT_FALSE(config.tie_word_embeddings);
  EXPECT_EQ(config.architecture, "BertForSequenceClassification");
}

TEST(RobertaConfigTest, PositionsBeginBehindThePaddingToken) {
  for (const char* type : {"roberta", "xlm-roberta", "camembert"}) {
    const ModelConfig config = parsed(type, {{"max_position_embeddings", 514}});
    EXPECT_EQ(config.family, Family::roberta);
    EXPECT_EQ(config.model_type, type);
    EXPECT_EQ(config.pad_token_id, 1);
    EXPECT_EQ(config.type_vocab_size, 2);
    EXPECT_EQ(usable_positions(config), 512);
    EXPECT_TRUE(has_position_table(config));
  }
  EXPECT_EQ(parsed("roberta").vocab_size, 50'265);
  EXPECT_EQ(parsed("xlm-roberta").vocab_size, 30'522);
  expect_refused("roberta", {{"pad_token_id", nullptr}}, "pad_token_id");
  expect_refused("roberta", {{"pad_token_id", 3}, {"max_position_embeddings", 4}}, "leaves no position");
}

TEST(DistilBertConfigTest, HasNamesOfItsOwn) {
  const ModelConfig defaults = parsed("distilbert");
  EXPECT_EQ(defaults.hidden_size, 768);
  EXPECT_EQ(defaults.layers, 6);
  EXPECT_EQ(defaults.intermediate_size, 3'072);
  EXPECT_EQ(defaults.type_vocab_size, 0);
  EXPECT_EQ(defaults.norm_eps, 1e-12);
  const ModelConfig config = parsed("distilbert", {{"dim", 32},
                                                   {"n_layers", 2},
                                                   {"n_heads", 4},
                                                   {"hidden_dim", 96},
                                                   {"activation", "relu"},
                                                   {"sinusoidal_pos_embds", true}});
  EXPECT_EQ(config.hidden_size, 32);
  EXPECT_EQ(config.layers, 2);
  EXPECT_EQ(config.heads, 4);
  EXPECT_EQ(config.intermediate_size, 96);
  EXPECT_EQ(config.activation, Activation::relu);
  EXPECT_EQ(parsed("distilbert", {{"hidden_size", 24}}).hidden_size, 24);
  EXPECT_EQ(parsed("distilbert", {{"hidden_size", 24}, {"dim", 24}}).hidden_size, 24);
  expect_refused("distilbert", {{"hidden_size", 24}, {"dim", 36}}, "another name of the same");
}

TEST(MpnetConfigTest, HasRelativeBucketsAndPositionsBehindTheFirst) {
  const ModelConfig config = parsed("mpnet", {{"max_position_embeddings", 514}, {"layer_norm_eps", 1e-5}});
  EXPECT_EQ(config.vocab_size, 30'527);
  EXPECT_EQ(config.relative_buckets, 32);
  EXPECT_EQ(config.norm_eps, 1e-5);
  EXPECT_EQ(config.type_vocab_size, 0);
  EXPECT_EQ(usable_positions(config), 512);
  EXPECT_EQ(parsed("mpnet", {{"relative_attention_num_buckets", 16}}).relative_buckets, 16);
  expect_refused("mpnet", {{"pad_token_id", 0}}, "count from token 1");
  expect_refused("mpnet", {{"relative_attention_num_buckets", 3}}, "relative_attention_num_buckets");
  expect_refused("mpnet", {{"relative_attention_num_buckets", 512}}, "relative_attention_num_buckets");
}

json deberta_v3() {
  return {{"hidden_size", 768},           {"num_hidden_layers", 12},
          {"num_attention_heads", 12},    {"relative_attention", true},
          {"position_buckets", 256},      {"max_relative_positions", -1},
          {"norm_rel_ebd", "layer_norm"}, {"share_att_key", true},
          {"pos_att_type", "p2c|c2p"},    {"position_biased_input", false},
          {"pooler_hidden_act", "gelu"},  {"pooler_hidden_size", 768}};
}

TEST(DebertaConfigTest, HasTheDefaultsOfTransformers) {
  const ModelConfig config = parsed("deberta-v2");
  EXPECT_EQ(config.vocab_size, 128'100);
  EXPECT_EQ(config.hidden_size, 1'536);
  EXPECT_EQ(config.layers, 24);
  EXPECT_EQ(config.intermediate_size, 6'144);
  EXPECT_EQ(config.type_vocab_size, 0);
  EXPECT_EQ(config.norm_eps, 1e-7);
  const Disentangled& options = config.disentangled;
  EXPECT_FALSE(options.relative_attention);
  EXPECT_EQ(options.position_buckets, -1);
  EXPECT_FALSE(options.content_to_position);
  EXPECT_FALSE(options.position_to_content);
  EXPECT_FALSE(options.share_attention_key);
  EXPECT_FALSE(options.norm_relative_embeddings);
  EXPECT_TRUE(options.position_biased_input);
  EXPECT_EQ(options.embedding_size, 1'536);
  EXPECT_EQ(options.conv_kernel_size, 0);
  EXPECT_TRUE(has_position_table(config));
}

TEST(DebertaConfigTest, ReadsVersion3) {
  const ModelConfig config = parsed("deberta-v2", deberta_v3());
  const Disentangled& options = config.disentangled;
  EXPECT_TRUE(options.relative_attention);
  EXPECT_EQ(options.position_buckets, 256);
  EXPECT_EQ(options.max_relative_positions, 512);
  EXPECT_TRUE(options.content_to_position);
  EXPECT_TRUE(options.position_to_content);
  EXPECT_TRUE(options.share_attention_key);
  EXPECT_TRUE(options.norm_relative_embeddings);
  EXPECT_FALSE(options.position_biased_input);
  EXPECT_EQ(options.pooler_activation, Activation::gelu);
  EXPECT_FALSE(has_position_table(config));
}

TEST(DebertaConfigTest, AttentionTypesAreATextOrAList) {
  const auto types = [](const json& value) {
    json keys = deberta_v3();
    keys["pos_att_type"] = value;
    const Disentangled options = parsed("deberta-v2", keys).disentangled;
    return std::vector<bool>{options.content_to_position, options.position_to_content};
  };
  EXPECT_THAT(types(json::array({"c2p"})), ElementsAre(true, false));
  EXPECT_THAT(types(json::array({"p2c", "c2p"})), ElementsAre(true, true));
  EXPECT_THAT(types("P2C"), ElementsAre(false, true));
  EXPECT_THAT(types("c2p | p2c"), ElementsAre(true, true));
  EXPECT_THAT(types(""), ElementsAre(false, false));
  EXPECT_THAT(types(nullptr), ElementsAre(false, false));
  expect_refused("deberta-v2", {{"pos_att_type", "p2p"}}, "supported are c2p and p2c");
  expect_refused("deberta-v2", {{"pos_att_type", 1}}, "pos_att_type");
}

TEST(DebertaConfigTest, ReadsTheConvolutionAndTheProjectionOfTheLargeModels) {
  const ModelConfig config =
      parsed("deberta-v2", {{"conv_kernel_size", 3}, {"conv_act", "gelu"}, {"conv_groups", 2}, {"embedding_size", 64}});
  EXPECT_EQ(config.disentangled.conv_kernel_size, 3);
  EXPECT_EQ(config.disentangled.conv_groups, 2);
  EXPECT_EQ(config.disentangled.conv_activation, Activation::gelu);
  EXPECT_EQ(config.disentangled.embedding_size, 64);
  EXPECT_EQ(parsed("deberta-v2", {{"conv_kernel_size", 3}}).disentangled.conv_activation, Activation::tanh);
  expect_refused("deberta-v2", {{"conv_kernel_size", 4}}, "should be odd");
  expect_refused("deberta-v2", {{"conv_kernel_size", 3}, {"conv_groups", 7}}, "should divide the hidden size");
}

TEST(DebertaConfigTest, RefusesWhatDoesNotFit) {
  for (const int buckets : {2, 3, 257, 1'022, 2'000}) {
    json keys = deberta_v3();
    keys["position_buckets"] = buckets;
    expect_refused("deberta-v2", keys, "position_buckets");
  }
  expect_refused("deberta-v2", {{"attention_head_size", 32}}, "only 64 fits");
  expect_refused("deberta-v2", {{"pooler_hidden_size", 32}}, "only 1536 fits");
}

TEST(ModernBertConfigTest, HasTheDefaultsOfTransformers) {
  const ModelConfig config = parsed("modernbert");
  EXPECT_EQ(config.vocab_size, 50'368);
  EXPECT_EQ(config.layers, 22);
  EXPECT_EQ(config.intermediate_size, 1'152);
  EXPECT_EQ(config.max_positions, 8'192);
  EXPECT_EQ(config.pad_token_id, 50'283);
  EXPECT_EQ(config.norm_eps, 1e-5);
  EXPECT_FALSE(config.norm_bias);
  EXPECT_FALSE(config.query_key_value_bias);
  EXPECT_FALSE(config.attention_output_bias);
  EXPECT_FALSE(config.mlp_bias);
  EXPECT_FALSE(config.mean_pooled_head);
  EXPECT_FALSE(config.head_bias);
  EXPECT_EQ(config.head_activation, Activation::gelu);
  EXPECT_EQ(config.rope.theta, 160'000);
  EXPECT_EQ(config.local_rope->theta, 10'000);
  for (std::size_t layer = 0; layer < config.windows.size(); ++layer) {
    EXPECT_EQ(config.windows[layer], layer % 3 == 0 ? std::nullopt : std::optional<std::int64_t>(64)) << layer;
  }
  EXPECT_FALSE(has_position_table(config));
}

TEST(ModernBertConfigTest, ReadsVersion4) {
  const ModelConfig config = parsed("modernbert", {{"num_hidden_layers", 4},
                                                   {"global_attn_every_n_layers", 2},
                                                   {"local_attention", 16},
                                                   {"global_rope_theta", 8e4},
                                                   {"local_rope_theta", 5e3},
                                                   {"classifier_pooling", "mean"},
                                                   {"norm_bias", true},
                                                   {"attention_bias", true},
                                                   {"mlp_bias", true},
                                                   {"classifier_bias", true},
                                                   {"hidden_activation", "silu"},
                                                   {"classifier_activation", "relu"},
                                                   {"norm_eps", 1e-6},
                                                   {"position_embedding_type", "absolute"}});
  EXPECT_THAT(config.windows, ElementsAre(std::nullopt, 8, std::nullopt, 8));
  EXPECT_EQ(config.rope.theta, 8e4);
  EXPECT_EQ(config.local_rope->theta, 5e3);
  EXPECT_TRUE(config.mean_pooled_head);
  EXPECT_TRUE(config.norm_bias && config.query_key_value_bias && config.attention_output_bias && config.mlp_bias);
  EXPECT_TRUE(config.head_bias);
  EXPECT_EQ(config.activation, Activation::silu);
  EXPECT_EQ(config.head_activation, Activation::relu);
  EXPECT_EQ(config.norm_eps, 1e-6);
  EXPECT_EQ(parsed("modernbert", {{"local_rope_theta", nullptr}}).local_rope->theta, 160'000);
}

TEST(ModernBertConfigTest, ReadsVersion5) {
  const ModelConfig config =
      parsed("modernbert", {{"num_hidden_layers", 3},
                            {"layer_types", {"sliding_attention", "full_attention", "sliding_attention"}},
                            {"rope_parameters",
                             {{"full_attention", {{"rope_type", "linear"}, {"rope_theta", 7e4}, {"factor", 2}}},
                              {"sliding_attention", {{"rope_type", "default"}, {"rope_theta", 6e3}}}}}});
  EXPECT_THAT(config.windows, ElementsAre(64, std::nullopt, 64));
  EXPECT_EQ(config.rope.type, Rope::Type::linear);
  EXPECT_EQ(config.rope.theta, 7e4);
  EXPECT_EQ(config.rope.factor, 2);
  EXPECT_EQ(config.local_rope->type, Rope::Type::standard);
  EXPECT_EQ(config.local_rope->theta, 6e3);
}

TEST(ModernBertConfigTest, ScalingOfVersion4IsOfAllLayers) {
  const ModelConfig config = parsed("modernbert", {{"rope_scaling", {{"rope_type", "linear"}, {"factor", 4}}}});
  EXPECT_EQ(config.rope.factor, 4);
  EXPECT_EQ(config.rope.theta, 160'000);
  EXPECT_EQ(config.local_rope->factor, 4);
  EXPECT_EQ(config.local_rope->theta, 10'000);
}

TEST(ModernBertConfigTest, RefusesWhatDoesNotFit) {
  expect_refused("modernbert", {{"layer_types", {"full_attention"}}}, "one entry for each of the 22 layers");
  expect_refused("modernbert", {{"num_hidden_layers", 1}, {"layer_types", {"linear_attention"}}}, "layer_types");
  expect_refused("modernbert", {{"classifier_pooling", "max"}}, "known are cls and mean");
  expect_refused("modernbert", {{"rope_parameters", {{"rope_theta", 1e4}}}}, "only full_attention and");
  expect_refused("modernbert", {{"rope_scaling", {{"full_attention", json::object()}}}}, "belong in rope_parameters");
  expect_refused("modernbert", {{"hidden_size", 36}}, "need pairs");
  expect_refused("modernbert", {{"global_attn_every_n_layers", 0}}, "global_attn_every_n_layers");
  expect_refused("modernbert", {{"local_attention", 1}}, "local_attention");
}

}  // namespace
}  // namespace farpoint::model_files
