// SPDX-License-Identifier: Apache-2.0
// Attention of batches that follow on a cache: by the kernel, by libtorch's operator as GPUs have it, and by whole
// sequences.
#include "attention.hpp"

#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace farpoint::models {
namespace {

constexpr std::int64_t heads = 4;
constexpr std::int64_t kv_heads = 2;
constexpr std::int64_t head_dim = 16;
constexpr PackingRules rules{100, 1000, 0, {}};

/// Sequences of which some tokens come first, and the others behind them.
struct Parts {
  std::vector<std::int64_t> first{5, 1, 30, 7};
  std::vector<std::int64_t> second{1, 4, 3, 20};
  std::vector<std::uint32_t> ids = std::vector<std::uint32_t>(100, 1);

  std::span<const std::uint32_t> of(std::int64_t count) const {
    return std::span(ids).first(static_cast<std::size_t>(count));
  }
  std::int64_t total() const {
    std::int64_t sum = 0;
    for (std::size_t s = 0; s < first.size(); ++s) sum += first[s] + second[s];
    return sum;
  }
};

class CachedAttention : public testing::TestWithParam<std::optional<std::int64_t>> {};

TEST_P(CachedAttention, IsThatOfWholeSequences) {
  const Parts parts;
  AttentionRules causal{0.3, true, GetParam(), {}, 1};
  at::manual_seed(1);
  const at::Tensor query = at::randn({parts.total(), heads, head_dim});
  const at::Tensor key = at::randn({parts.total(), kv_heads, head_dim});
  const at::Tensor value = at::randn({parts.total(), kv_heads, head_dim});
  std::vector<SequenceView> whole;
  for (std::size_t s = 0; s < parts.first.size(); ++s) whole.push_back({parts.of(parts.first[s] + parts.second[s])});
  const auto whole_batch = pack(whole, rules, at::kCPU);
  const at::Tensor expected = attention_by_runs(query, key, value, whole_batch, causal);

  // Rows of the cache in another order than the tokens, with rows of nobody between them.
  KeyValueCache cache;
  for (int layer = 0; layer < 2; ++layer) {
    cache.keys.push_back(at::full({200, kv_heads, head_dim}, std::nan("")));
    cache.values.push_back(at::full({200, kv_heads, head_dim}, std::nan("")));
  }
  std::vector<SequenceView> first;
  std::vector<SequenceView> second;
  std::vector<std::int64_t> first_tokens;
  std::vector<std::int64_t> second_tokens;
  for (std::size_t s = 0; s < whole.size(); ++s) {
    const CacheRows kept{static_cast<std::int64_t>(40 * (3 - s)), parts.first[s]};
    first.push_back({parts.of(parts.first[s]), {}, {}, kept.first});
    second.push_back({parts.of(parts.second[s]), {}, kept, 160 + static_cast<std::int64_t>(s) * 4});
    if (s == 3) second.back().cache_row = 172;
    for (std::int64_t i = 0; i < parts.first[s]; ++i) first_tokens.push_back(whole_batch.starts[s] + i);
    for (std::int64_t i = 0; i < parts.second[s]; ++i) {
      second_tokens.push_back(whole_batch.starts[s] + parts.first[s] + i);
    }
  }
  const auto run = [&](const std::vector<SequenceView>& sequences, const at::Tensor& tokens) {
    const auto batch = pack(sequences, rules, at::kCPU, &cache);
    return attention(query.index_select(0, tokens), key.index_select(0, tokens), value.index_select(0, tokens), batch,
                     causal);
  };
  const at::Tensor first_places = at::tensor(first_tokens, at::kLong);
  const at::Tensor second_places = at::tensor(second_tokens, at::kLong);
  EXPECT_TRUE(at::allclose(run(first, first_places), expected.index_select(0, first_places), 1e-5, 1e-5));
  EXPECT_TRUE(at::allclose(run(second, second_places), expected.index_select(0, second_places), 1e-5, 1e-5));
  EXPECT_TRUE(cache.keys[0].isnan().all().item<bool>());

  auto batch = pack(second, rules, at::kCPU, &cache);
  batch.padding = pad(second, batch, at::kCPU);
  const at::Tensor padded = attention_to_cache(query.index_select(0, second_places), batch, causal);
  EXPECT_TRUE(at::allclose(padded, expected.index_select(0, second_places), 1e-5, 1e-5));
}
INSTANTIATE_TEST_SUITE_P(Windows, CachedAttention,
                         testing::Values(std::optional<std::int64_t>(), std::optional<std::int64_t>(4),
                                         std::optional<std::int64_t>(12)));

TEST(Pack, CountsPositionsFromThePast) {
  const Parts parts;
  KeyValueCache cache;
  const std::vector<SequenceView> sequences{{parts.of(2), {}, {10, 3}, 50}, {parts.of(3), {}, {20, 0}, 60}};
  const auto batch = pack(sequences, rules, at::kCPU, &cache);
  EXPECT_TRUE(batch.positions.equal(at::tensor({3, 4, 0, 1, 2}, at::kLong)));
  EXPECT_TRUE(batch.cache_rows.equal(at::tensor({50, 51, 60, 61, 62}, at::kLong)));
  EXPECT_EQ(batch.longest_context(), 5);
}

TEST(PaddedRows, AreFewNumbersAndLittleMoreThanTheTokens) {
  std::set<std::int64_t> numbers;
  for (std::int64_t tokens = 1; tokens <= 2048; ++tokens) {
    const auto rows = padded_rows(tokens);
    EXPECT_GE(rows, tokens);
    EXPECT_LE(rows - tokens, std::max<std::int64_t>(15, tokens / 32));
    EXPECT_EQ(padded_rows(rows), rows);
    numbers.insert(rows);
  }
  EXPECT_EQ(numbers.size(), 96U);
  EXPECT_EQ(padded_rows(0), 0);
}

TEST(PaddedRows, BelongToNothing) {
  const Parts parts;
  const std::vector<SequenceView> sequences{{parts.of(9)}, {parts.of(4)}};
  const c10::InferenceMode inference;
  const auto batch = pack(sequences, rules, at::kCPU);
  EXPECT_EQ(batch.tokens(), 13);
  ASSERT_EQ(batch.rows(), 16);
  EXPECT_EQ(batch.positions.size(0), 16);
  const at::Tensor query = at::randn({16, heads, head_dim});
  const at::Tensor key = at::randn({16, kv_heads, head_dim});
  const at::Tensor value = at::randn({16, kv_heads, head_dim});
  AttentionRules causal{0.3, true, {}, {}, 0};
  const at::Tensor found = attention_on_cpu(query, key, value, batch, causal);
  const at::Tensor expected = attention_by_runs(query, key, value, batch, causal);
  EXPECT_TRUE(at::allclose(found, expected, 1e-5, 1e-5));
  EXPECT_EQ(found.narrow(0, 13, 3).abs().max().item<float>(), 0);
  EXPECT_EQ(expected.narrow(0, 13, 3).abs().max().item<float>(), 0);
  EXPECT_NE(found.narrow(0, 0, 13).abs().amax(1).min().item<float>(), 0);
}

}  // namespace
}  // namespace farpoint::models
