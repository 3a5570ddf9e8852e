// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <span>

#include "farpoint/base/error.hpp"
#include "farpoint/model_files/model_config.hpp"
#include "farpoint/model_files/safetensors.hpp"
#include "farpoint/model_files/sentence_pipeline.hpp"
#include "model_files/files.hpp"
#include "model_files/fuzz.hpp"

namespace farpoint::model_files {
namespace {

/// How many damaged files each reader gets.
std::uint64_t mutations = 20'000;

/// Whatever is thrown but an Error fails the test; so does a run in which nothing was read, or nothing refused.
void expect_read_or_refused(Mutator mutator, const std::function<void(const std::string&)>& read) {
  std::uint64_t accepted = 0;
  for (std::uint64_t i = 0; i < mutations; ++i) {
    const std::string text = mutator.next();
    try {
      read(text);
      ++accepted;
    } catch (const Error&) {
    } catch (const std::exception& other) {
      FAIL() << "input " << i << ": " << other.what() << "\n" << text.substr(0, 2'000);
    }
  }
  EXPECT_GT(accepted, mutations / 100);
  EXPECT_LT(accepted, mutations);
}

TEST(FuzzTest, SafetensorsHeaders) {
  const std::vector<std::string> seeds = {
      three_bytes("t"),
      safetensors(R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},)"
                  R"("b.weight":{"dtype":"I64","shape":[],"data_offsets":[24,32]},)"
                  R"("c":{"dtype":"BF16","shape":[0,4],"data_offsets":[32,32]},)"
                  R"("d":{"dtype":"BOOL","shape":[1,1,5],"data_offsets":[32,37]}}   )",
                  std::string(37, 'x'))};
  std::uint64_t sum = 0;
  expect_read_or_refused(Mutator(seeds, 8), [&sum](const std::string& text) {
    // A copy of exactly this size: AddressSanitizer then sees every byte beyond it.
    const std::vector<char> file(text.begin(), text.end());
    for (const TensorEntry& tensor : parse_header(std::as_bytes(std::span(file)), "f")) {
      std::uint64_t bytes = item_bytes(tensor.dtype);
      for (const std::int64_t length : tensor.shape) bytes *= static_cast<std::uint64_t>(length);
      ASSERT_EQ(bytes, tensor.bytes.size());
      ASSERT_EQ(tensor.elements() * static_cast<std::int64_t>(item_bytes(tensor.dtype)),
                static_cast<std::int64_t>(bytes));
      if (bytes == 0) continue;
      sum += static_cast<std::uint64_t>(tensor.bytes.front()) + static_cast<std::uint64_t>(tensor.bytes.back());
    }
  });
  EXPECT_GT(sum, 0U);
}

TEST(FuzzTest, ModelConfigs) {
  const std::vector<std::string> seeds = {
      R"({"model_type":"bert","architectures":["BertModel"],"hidden_size":384,"num_attention_heads":12,"vocab_size":99,)"
      R"("id2label":{"0":"a","1":"b"},"problem_type":null,"layer_norm_eps":1e-12,"hidden_act":"gelu","pad_token_id":0})",
      R"({"model_type":"roberta","max_position_embeddings":514,"pad_token_id":1,"num_labels":3})",
      R"({"model_type":"distilbert","dim":64,"n_heads":4,"n_layers":2,"hidden_dim":128,"activation":"gelu"})",
      R"({"model_type":"mpnet","relative_attention_num_buckets":32,"max_position_embeddings":514})",
      R"({"model_type":"deberta-v2","relative_attention":true,"position_buckets":256,"max_relative_positions":-1,)"
      R"("pos_att_type":"p2c|c2p","norm_rel_ebd":"layer_norm","conv_kernel_size":3,"embedding_size":64})",
      R"({"model_type":"modernbert","num_hidden_layers":3,"layer_types":["full_attention","sliding_attention",)"
      R"("sliding_attention"],"local_attention":128,"rope_parameters":{"full_attention":{"rope_type":"default",)"
      R"("rope_theta":160000.0},"sliding_attention":{"rope_type":"linear","factor":2,"rope_theta":10000.0}}})",
      R"({"model_type":"gpt2","n_embd":64,"n_head":4,"n_layer":2,"n_inner":null,"n_positions":128})",
      R"({"model_type":"llama","hidden_size":64,"num_attention_heads":4,"num_key_value_heads":2,"rope_theta":500000.0,)"
      R"("rope_scaling":{"factor":8.0,"high_freq_factor":4.0,"low_freq_factor":1.0,)"
      R"("original_max_position_embeddings":8192,"rope_type":"llama3"}})",
      R"({"model_type":"mistral","sliding_window":4096,"head_dim":128,"rope_scaling":{"type":"yarn","factor":4.0,)"
      R"("mscale":0.7,"mscale_all_dim":0.5,"beta_fast":32,"beta_slow":1,"original_max_position_embeddings":4096}})",
      R"({"model_type":"qwen3","use_sliding_window":true,"max_window_layers":2,"sliding_window":32,"head_dim":128,)"
      R"("num_hidden_layers":4,"rope_parameters":{"rope_theta":1e6,"rope_type":"dynamic","factor":2.0}})"};
  expect_read_or_refused(Mutator(seeds, 0), [](const std::string& text) {
    const ModelConfig config = parse_model_config(text, "config.json");
    ASSERT_EQ(config.windows.size(), static_cast<std::size_t>(config.layers));
    ASSERT_GE(usable_positions(config), 1);
    ASSERT_EQ(config.heads % config.kv_heads, 0);
    ASSERT_GE(config.labels.size(), 1U);
  });
}

TEST(FuzzTest, Modules) {
  const std::vector<std::string> seeds = {
      R"([{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"},)"
      R"({"idx":1,"name":"1","path":"1_Pooling","type":"sentence_transformers.models.Pooling"},)"
      R"({"idx":2,"name":"2","path":"2_Dense","type":"sentence_transformers.base.modules.dense.Dense"},)"
      R"({"idx":3,"name":"3","path":"3_Normalize","type":"sentence_transformers.models.Normalize"}])"};
  expect_read_or_refused(Mutator(seeds, 0), [](const std::string& text) {
    for (const SentenceModule& module : parse_modules(text, "modules.json")) ASSERT_TRUE(module.path.is_relative());
  });
}

void set_mutations(const char* text) {
  if (text != nullptr) mutations = std::max(1ULL, std::strtoull(text, nullptr, 10));
}

}  // namespace
}  // namespace farpoint::model_files

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  farpoint::model_files::set_mutations(std::getenv("FARPOINT_FUZZ_MUTATIONS"));
  constexpr std::string_view option = "--mutations=";
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]).starts_with(option)) farpoint::model_files::set_mutations(argv[i] + option.size());
  }
  return RUN_ALL_TESTS();
}
