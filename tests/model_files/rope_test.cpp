// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "model_files/parsed.hpp"

namespace farpoint::model_files {
namespace {

using nlohmann::json;

Rope rope_of(const json& keys) {
  return parsed("llama", keys).rope;
}

TEST(RopeTest, BothVersionsSayTheSame) {
  const json values = {{"rope_type", "llama3"},
                       {"factor", 8.0},
                       {"low_freq_factor", 1.0},
                       {"high_freq_factor", 4.0},
                       {"original_max_position_embeddings", 8'192}};
  json newer = values;
  newer["rope_theta"] = 500'000.0;
  for (const json& keys : {json{{"rope_theta", 500'000.0}, {"rope_scaling", values}}, json{{"rope_parameters", newer}},
                           json{{"rope_theta", 500'000.0}, {"rope_parameters", values}}}) {
    const Rope rope = rope_of(keys);
    EXPECT_EQ(rope.type, Rope::Type::llama3) << keys;
    EXPECT_EQ(rope.theta, 500'000) << keys;
    EXPECT_EQ(rope.factor, 8) << keys;
    EXPECT_EQ(rope.low_frequency_factor, 1) << keys;
    EXPECT_EQ(rope.high_frequency_factor, 4) << keys;
    EXPECT_EQ(rope.original_max_positions, 8'192) << keys;
  }
}

TEST(RopeTest, ThetaAlone) {
  EXPECT_EQ(rope_of({{"rope_theta", 1e6}, {"rope_scaling", nullptr}}).theta, 1e6);
  EXPECT_EQ(rope_of({{"rope_parameters", {{"rope_theta", 1e6}, {"rope_type", "default"}}}}).theta, 1e6);
  // Of the object first, as in transformers.
  EXPECT_EQ(rope_of({{"rope_theta", 5e5}, {"rope_parameters", {{"rope_theta", 1e6}}}}).theta, 1e6);
}

TEST(RopeTest, ScalingWinsOverParametersUnlessEmpty) {
  const json parameters = {{"rope_type", "linear"}, {"factor", 2}};
  EXPECT_EQ(rope_of({{"rope_scaling", {{"type", "linear"}, {"factor", 3}}}, {"rope_parameters", parameters}}).factor,
            3);
  EXPECT_EQ(rope_of({{"rope_scaling", json::object()}, {"rope_parameters", parameters}}).factor, 2);
}

TEST(RopeTest, TheOlderNameOfTheType) {
  EXPECT_EQ(rope_of({{"rope_scaling", {{"type", "linear"}, {"factor", 2}}}}).type, Rope::Type::linear);
  EXPECT_EQ(rope_of({{"rope_scaling", {{"type", "x"}, {"rope_type", "dynamic"}, {"factor", 2}}}}).type,
            Rope::Type::dynamic);
  EXPECT_EQ(rope_of({{"rope_scaling", {{"type", "default"}}}}).type, Rope::Type::standard);
}

json yarn(const json& more = json::object()) {
  json values = {{"rope_type", "yarn"}, {"factor", 4.0}, {"original_max_position_embeddings", 512}};
  values.update(more);
  return {{"rope_scaling", values}};
}

TEST(RopeTest, YarnAttentionFactor) {
  EXPECT_DOUBLE_EQ(rope_of(yarn()).attention_factor, 0.1 * std::log(4.0) + 1);
  EXPECT_DOUBLE_EQ(rope_of(yarn({{"attention_factor", 1.25}})).attention_factor, 1.25);
  const double both = (0.1 * 0.707 * std::log(4.0) + 1) / (0.1 * 0.5 * std::log(4.0) + 1);
  EXPECT_DOUBLE_EQ(rope_of(yarn({{"mscale", 0.707}, {"mscale_all_dim", 0.5}})).attention_factor, both);
  EXPECT_DOUBLE_EQ(rope_of(yarn({{"mscale", 0.707}})).attention_factor, 0.1 * std::log(4.0) + 1);
  EXPECT_DOUBLE_EQ(rope_of(yarn({{"factor", 1.0}})).attention_factor, 1);
}

TEST(RopeTest, YarnValues) {
  const Rope defaults = rope_of(yarn());
  EXPECT_EQ(defaults.beta_fast, 32);
  EXPECT_EQ(defaults.beta_slow, 1);
  EXPECT_TRUE(defaults.truncate);
  EXPECT_EQ(defaults.original_max_positions, 512);
  const Rope rope = rope_of(yarn({{"beta_fast", 16}, {"beta_slow", 2}, {"truncate", false}, {"finetuned", true}}));
  EXPECT_EQ(rope.beta_fast, 16);
  EXPECT_EQ(rope.beta_slow, 2);
  EXPECT_FALSE(rope.truncate);
  EXPECT_EQ(rope_of(yarn({{"beta_fast", 0}, {"beta_slow", nullptr}})).beta_fast, 32);
  EXPECT_EQ(rope_of(yarn({{"factor", nullptr}})).factor, 4);  // 2048 / 512
  EXPECT_EQ(rope_of(yarn({{"original_max_position_embeddings", nullptr}})).original_max_positions, 2'048);
  json outside = yarn();
  outside["original_max_position_embeddings"] = 256;
  EXPECT_EQ(rope_of(outside).original_max_positions, 256);
}

void expect_rope_refused(const json& values, const std::string& words) {
  expect_refused("llama", {{"rope_scaling", values}}, words);
}

TEST(RopeTest, RefusesOtherKinds) {
  expect_rope_refused({{"rope_type", "longrope"}, {"factor", 2}}, "longrope");
  expect_rope_refused({{"rope_type", "longrope"}, {"short_factor", {1}}}, "not supported");
  expect_rope_refused({{"type", "su"}}, "longrope");
  expect_rope_refused({{"rope_type", "proportional"}}, "supported are default, linear, dynamic, llama3 and yarn");
  expect_rope_refused({{"rope_type", "default"}, {"mrope_section", {1, 2}}}, "mrope_section");
  expect_rope_refused({{"rope_type", "default"}, {"partial_rotary_factor", 0.5}}, "partial_rotary_factor");
  expect_refused("llama", {{"partial_rotary_factor", 0.5}}, "partial_rotary_factor");
  expect_refused("qwen2", {{"rope_parameters", {{"full_attention", json::object()}}}}, "one rotary embedding");
  expect_refused("llama", {{"rope_scaling", "yarn"}}, "it should be a JSON object");
  EXPECT_EQ(rope_of({{"partial_rotary_factor", 1.0}}).theta, 10'000);
}

TEST(RopeTest, RefusesNumbersOutOfRange) {
  expect_rope_refused({{"rope_type", "linear"}}, "needs it");
  expect_rope_refused({{"rope_type", "dynamic"}}, "needs it");
  expect_rope_refused({{"rope_type", "linear"}, {"factor", 0.5}}, "factor");
  expect_rope_refused({{"rope_type", "linear"}, {"factor", 1e7}}, "factor");
  expect_rope_refused({{"rope_type", "linear"}, {"factor", "2"}}, "factor");
  expect_refused("llama", {{"rope_theta", 1}}, "above 1");
  expect_refused("llama", {{"rope_theta", -1}}, "rope_theta");
  expect_refused("llama", {{"rope_theta", 1e16}}, "rope_theta");
  const json llama3 = {{"rope_type", "llama3"}, {"factor", 8}, {"low_freq_factor", 1}, {"high_freq_factor", 4}};
  for (const char* key : {"factor", "low_freq_factor", "high_freq_factor"}) {
    json values = llama3;
    values.erase(key);
    expect_rope_refused(values, "needs it");
    values[key] = 0;
    expect_rope_refused(values, key);
  }
  json equal = llama3;
  equal["high_freq_factor"] = 1;
  expect_rope_refused(equal, "above low_freq_factor");
  expect_refused("llama", yarn({{"beta_fast", 0.5}}), "not be below beta_slow");
  expect_refused("llama", yarn({{"attention_factor", 0}}), "attention_factor");
  expect_refused("llama", yarn({{"original_max_position_embeddings", 0}}), "original_max_position_embeddings");
  expect_refused("llama", {{"head_dim", 2}, {"rope_scaling", {{"type", "dynamic"}, {"factor", 2}}}}, "2 dimensions");
}

}  // namespace
}  // namespace farpoint::model_files
