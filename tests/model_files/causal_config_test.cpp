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

TEST(Gpt2ConfigTest, HasTheDefaultsOfTransformers) {
  const ModelConfig config = parsed("gpt2");
  EXPECT_TRUE(is_causal(config.family));
  EXPECT_EQ(config.vocab_size, 50'257);
  EXPECT_EQ(config.hidden_size, 768);
  EXPECT_EQ(config.layers, 12);
  EXPECT_EQ(config.heads, 12);
  EXPECT_EQ(config.intermediate_size, 3'072);
  EXPECT_EQ(config.max_positions, 1'024);
  EXPECT_EQ(config.pad_token_id, -1);
  EXPECT_EQ(config.activation, Activation::gelu_tanh);
  EXPECT_EQ(config.norm_eps, 1e-5);
  EXPECT_TRUE(config.scale_attention);
  EXPECT_FALSE(config.scale_by_inverse_layer);
  EXPECT_TRUE(config.tie_word_embeddings);
  EXPECT_TRUE(config.query_key_value_bias && config.attention_output_bias && config.mlp_bias && config.norm_bias);
  EXPECT_TRUE(has_position_table(config));
}

TEST(Gpt2ConfigTest, ReadsItsKeys) {
  const ModelConfig config = parsed("gpt2", {{"n_embd", 32},
                                             {"n_layer", 2},
                                             {"n_head", 4},
                                             {"n_inner", nullptr},
                                             {"n_positions", 64},
                                             {"activation_function", "gelu"},
                                             {"layer_norm_epsilon", 1e-6},
                                             {"scale_attn_weights", false},
                                             {"scale_attn_by_inverse_layer_idx", true},
                                             {"reorder_and_upcast_attn", true},
                                             {"pad_token_id", 7}});
  EXPECT_EQ(config.hidden_size, 32);
  EXPECT_EQ(config.intermediate_size, 128);
  EXPECT_EQ(config.max_positions, 64);
  EXPECT_EQ(config.activation, Activation::gelu);
  EXPECT_EQ(config.norm_eps, 1e-6);
  EXPECT_FALSE(config.scale_attention);
  EXPECT_TRUE(config.scale_by_inverse_layer);
  EXPECT_EQ(config.pad_token_id, 7);
  EXPECT_EQ(parsed("gpt2", {{"n_inner", 100}}).intermediate_size, 100);
  EXPECT_EQ(parsed("gpt2", {{"max_position_embeddings", 99}}).max_positions, 99);
  expect_refused("gpt2", {{"n_positions", 1}, {"max_position_embeddings", 2}}, "another name of the same");
}

TEST(LlamaConfigTest, HasTheDefaultsOfTransformers) {
  const ModelConfig config = parsed("llama");
  EXPECT_EQ(config.vocab_size, 32'000);
  EXPECT_EQ(config.hidden_size, 4'096);
  EXPECT_EQ(config.intermediate_size, 11'008);
  EXPECT_EQ(config.layers, 32);
  EXPECT_EQ(config.heads, 32);
  EXPECT_EQ(config.kv_heads, 32);
  EXPECT_EQ(config.head_dim, 128);
  EXPECT_EQ(config.max_positions, 2'048);
  EXPECT_EQ(config.pad_token_id, -1);
  EXPECT_EQ(config.activation, Activation::silu);
  EXPECT_EQ(config.norm_eps, 1e-6);
  EXPECT_FALSE(config.tie_word_embeddings);
  EXPECT_FALSE(config.query_key_value_bias || config.attention_output_bias || config.mlp_bias || config.norm_bias);
  EXPECT_EQ(config.rope.type, Rope::Type::standard);
  EXPECT_EQ(config.rope.theta, 10'000);
  EXPECT_EQ(config.rope.original_max_positions, 2'048);
  EXPECT_THAT(config.windows, Each(std::nullopt));
  EXPECT_FALSE(has_position_table(config));
}

TEST(LlamaConfigTest, ReadsItsKeys) {
  const ModelConfig config = parsed("llama", {{"hidden_size", 64},
                                              {"num_attention_heads", 4},
                                              {"num_key_value_heads", 2},
                                              {"head_dim", 32},
                                              {"attention_bias", true},
                                              {"mlp_bias", true},
                                              {"tie_word_embeddings", true},
                                              {"rms_norm_eps", 1e-5},
                                              {"pretraining_tp", 1}});
  EXPECT_EQ(config.kv_heads, 2);
  EXPECT_EQ(config.head_dim, 32);
  EXPECT_TRUE(config.query_key_value_bias && config.attention_output_bias && config.mlp_bias);
  EXPECT_TRUE(config.tie_word_embeddings);
  EXPECT_EQ(config.norm_eps, 1e-5);
  EXPECT_EQ(parsed("llama", {{"head_dim", nullptr}}).head_dim, 128);
  EXPECT_EQ(parsed("llama", {{"num_key_value_heads", nullptr}}).kv_heads, 32);
  // Only heads of their own width need not share the hidden size.
  EXPECT_EQ(parsed("llama", {{"hidden_size", 100}, {"num_attention_heads", 3}, {"head_dim", 64}}).head_dim, 64);
}

TEST(LlamaConfigTest, RefusesWhatDoesNotFit) {
  expect_refused("llama", {{"num_key_value_heads", 5}}, "should be a multiple");
  expect_refused("llama", {{"num_key_value_heads", 64}}, "should be a multiple");
  expect_refused("llama", {{"head_dim", 3}}, "need pairs");
  expect_refused("llama", {{"num_attention_heads", 3}}, "should divide the hidden size");
  expect_refused("llama", {{"is_causal", false}}, "causal attention only");
  expect_refused("llama", {{"use_bidirectional_attention", true}}, "causal attention only");
}

TEST(MistralConfigTest, TheWindowIsOfAllLayersUnlessNull) {
  const ModelConfig config = parsed("mistral");
  EXPECT_EQ(config.kv_heads, 8);
  EXPECT_EQ(config.intermediate_size, 14'336);
  EXPECT_EQ(config.max_positions, 131'072);
  EXPECT_FALSE(config.query_key_value_bias || config.attention_output_bias || config.mlp_bias);
  EXPECT_THAT(config.windows, SizeIs(32));
  EXPECT_THAT(config.windows, Each(std::optional<std::int64_t>(4'096)));
  EXPECT_THAT(parsed("mistral", {{"sliding_window", 100}}).windows, Each(std::optional<std::int64_t>(100)));
  EXPECT_THAT(parsed("mistral", {{"sliding_window", nullptr}}).windows, Each(std::nullopt));
  EXPECT_EQ(parsed("mistral", {{"num_key_value_heads", nullptr}}).kv_heads, 32);
  EXPECT_EQ(parsed("mistral", {{"hidden_size", 5'120}, {"head_dim", 128}}).head_dim, 128);
}

TEST(MistralConfigTest, LayerTypesMayNotContradict) {
  const json one_layer = {{"num_hidden_layers", 1}, {"layer_types", {"sliding_attention"}}};
  EXPECT_THAT(parsed("mistral", one_layer).windows, ElementsAre(4'096));
  json contradiction = one_layer;
  contradiction["sliding_window"] = nullptr;
  expect_refused("mistral", contradiction, "contradicts sliding_window");
  contradiction = {{"num_hidden_layers", 1}, {"layer_types", {"full_attention"}}};
  expect_refused("mistral", contradiction, "contradicts sliding_window");
  expect_refused("mistral", {{"sliding_window", 0}}, "sliding_window");
}

TEST(Qwen2ConfigTest, HasTheDefaultsOfTransformers) {
  const ModelConfig config = parsed("qwen2");
  EXPECT_EQ(config.vocab_size, 151'936);
  EXPECT_EQ(config.intermediate_size, 22'016);
  EXPECT_EQ(config.max_positions, 32'768);
  EXPECT_EQ(config.kv_heads, 32);
  EXPECT_EQ(config.head_dim, 128);
  EXPECT_TRUE(config.query_key_value_bias);
  EXPECT_FALSE(config.attention_output_bias);
  EXPECT_FALSE(config.mlp_bias);
  EXPECT_THAT(config.windows, Each(std::nullopt));
}

TEST(Qwen2ConfigTest, WindowsOnlyWhereAskedFor) {
  const json sizes = {{"num_hidden_layers", 3}, {"sliding_window", 10}, {"max_window_layers", 1}};
  EXPECT_THAT(parsed("qwen2", sizes).windows, Each(std::nullopt));
  json keys = sizes;
  keys["use_sliding_window"] = true;
  EXPECT_THAT(parsed("qwen2", keys).windows, ElementsAre(std::nullopt, 10, 10));
  keys["layer_types"] = {"sliding_attention", "full_attention", "full_attention"};
  EXPECT_THAT(parsed("qwen2", keys).windows, ElementsAre(10, std::nullopt, std::nullopt));
  keys["use_sliding_window"] = false;
  expect_refused("qwen2", keys, "needs use_sliding_window");
  keys["layer_types"] = {"full_attention", "full_attention", "full_attention"};
  EXPECT_THAT(parsed("qwen2", keys).windows, Each(std::nullopt));
  keys = sizes;
  keys["use_sliding_window"] = true;
  keys["sliding_window"] = nullptr;
  EXPECT_THAT(parsed("qwen2", keys).windows, Each(std::nullopt));
  keys["sliding_window"] = 10;
  keys.erase("max_window_layers");
  EXPECT_THAT(parsed("qwen2", keys).windows, Each(std::nullopt));  // from layer 28 on
}

TEST(Qwen3ConfigTest, HeadsHaveAWidthOfTheirOwn) {
  const ModelConfig config =
      parsed("qwen3", {{"hidden_size", 1'024}, {"num_attention_heads", 16}, {"num_key_value_heads", 8}});
  EXPECT_EQ(config.head_dim, 128);
  EXPECT_FALSE(config.query_key_value_bias || config.attention_output_bias);
  EXPECT_TRUE(parsed("qwen3", {{"attention_bias", true}}).query_key_value_bias);
  EXPECT_TRUE(parsed("qwen3", {{"attention_bias", true}}).attention_output_bias);
  const json keys = {{"use_sliding_window", true}, {"max_window_layers", 31}};
  EXPECT_EQ(parsed("qwen3", keys).windows[30], std::nullopt);
  EXPECT_EQ(parsed("qwen3", keys).windows[31], 4'096);
}

}  // namespace
}  // namespace farpoint::model_files
