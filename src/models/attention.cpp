// SPDX-License-Identifier: Apache-2.0
#include "attention.hpp"

#include <algorithm>

#include "dropout.hpp"
#include "recording.hpp"

namespace farpoint::models {

namespace {

/// Queries that are treated together where a mask is needed, which bounds the mask.
constexpr std::int64_t block_queries = 512;

/// The part of a run's keys that a block of queries may see, and what it may not see or sees shifted.
struct Block {
  std::int64_t begin, end;          // queries
  std::int64_t first_key, end_key;  // keys that any of them sees
};

Block block_at(std::int64_t begin, std::int64_t length, const AttentionRules& rules) {
  Block block{begin, std::min(begin + block_queries, length), 0, length};
  if (rules.causal) block.end_key = block.end;
  if (rules.window) {
    const auto reach = *rules.window - (rules.causal ? 1 : 0);
    block.first_key = std::max<std::int64_t>(block.begin - reach, 0);
    if (!rules.causal) block.end_key = std::min(block.end + reach, length);
  }
  return block;
}

/// float, of the queries' type: [queries, keys] or [heads, queries, keys]; undefined when the block sees all its keys.
at::Tensor mask_of(const Block& block, const AttentionRules& rules, const at::TensorOptions& options) {
  const auto integers = options.dtype(at::kLong);
  const at::Tensor distance = at::arange(block.first_key, block.end_key, integers).unsqueeze(0) -
                              at::arange(block.begin, block.end, integers).unsqueeze(1);
  at::Tensor mask;
  if (rules.distance_bias.defined()) {
    const auto reach = rules.distance_bias.size(1) / 2;
    mask = rules.distance_bias.index({at::indexing::Slice(), distance + reach}).to(options.dtype());
  }
  at::Tensor hidden;
  if (rules.causal) hidden = distance > 0;
  if (rules.window) {
    const at::Tensor far = rules.causal ? distance <= -*rules.window : distance.abs() > *rules.window;
    hidden = hidden.defined() ? at::logical_or(hidden, far) : far;
  }
  if (!hidden.defined()) return mask;
  if (!mask.defined()) mask = at::zeros(hidden.sizes(), options);
  return mask.masked_fill(hidden, -std::numeric_limits<double>::infinity());
}

/// [sequences, heads, length, head_dim] of the run's part of x.
at::Tensor sequences_of(const at::Tensor& x, const Run& run) {
  return x.narrow(0, run.first_token, run.sequences * run.length)
      .unflatten(0, {run.sequences, run.length})
      .transpose(1, 2);
}

/// Probabilities with dropout, which libtorch's own would draw from a generator that all threads share.
at::Tensor attend_with_dropout(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                               const AttentionRules& rules, const PackedBatch& batch) {
  const auto length = query.size(2);
  at::Tensor scores = at::matmul(query, key.transpose(2, 3)) * rules.scale;
  auto whole = rules;
  if (whole.window && *whole.window >= length) whole.window.reset();
  const at::Tensor mask = mask_of({0, length, 0, length}, whole, query.options().requires_grad(false));
  if (mask.defined()) scores = scores + mask;
  return at::matmul(dropped(at::softmax(scores, -1), rules.dropout, batch), value);
}

at::Tensor attend(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, const AttentionRules& rules,
                  const PackedBatch& batch) {
  const auto length = query.size(2);
  if (batch.dropout != nullptr && rules.dropout > 0) return attend_with_dropout(query, key, value, rules, batch);
  const bool windowed = rules.window && *rules.window < length;
  if (!windowed && !rules.distance_bias.defined()) {
    return at::scaled_dot_product_attention(query, key, value, {}, 0, rules.causal, rules.scale);
  }
  std::vector<at::Tensor> blocks;
  for (std::int64_t begin = 0; begin < length; begin += block_queries) {
    const auto block = block_at(begin, length, rules);
    const auto keys = block.end_key - block.first_key;
    const at::Tensor mask = mask_of(block, rules, query.options());
    blocks.push_back(at::scaled_dot_product_attention(
        query.narrow(2, block.begin, block.end - block.begin), key.narrow(2, block.first_key, keys),
        value.narrow(2, block.first_key, keys), mask, 0, false, rules.scale));
  }
  return at::cat(blocks, 2);
}

/// What libtorch's FlashAttention computes: 16 bits, heads of whole 16-byte pieces, no bias.
bool flash_takes(const at::Tensor& query, const AttentionRules& rules) {
  const auto head_dim = query.size(2);
  return query.is_cuda() && query.scalar_type() != at::kFloat && head_dim % 8 == 0 && head_dim <= 256 &&
         !rules.distance_bias.defined();
}

/// All sequences at once, each within its bounds, no padding.
at::Tensor flash_attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                           const PackedBatch& batch, const AttentionRules& rules) {
  std::optional<std::int64_t> back;
  std::optional<std::int64_t> ahead;
  if (rules.window) {
    back = rules.causal ? *rules.window - 1 : *rules.window;
    ahead = rules.causal ? 0 : *rules.window;
  }
  const at::Tensor result = std::get<0>(at::_flash_attention_forward(
      query, key, value, batch.device_starts, batch.device_starts, batch.longest, batch.longest, /*dropout_p=*/0,
      rules.causal, /*return_debug_mask=*/false, rules.scale, back, ahead));
  return result.flatten(1);
}

}  // namespace

at::Tensor attention_by_runs(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                             const PackedBatch& batch, const AttentionRules& rules) {
  const auto group = query.size(1) / key.size(1);
  const at::Tensor keys = group == 1 ? key : key.repeat_interleave(group, 1);
  const at::Tensor values = group == 1 ? value : value.repeat_interleave(group, 1);
  const auto part_of = [&](const Run& run) {
    return attend(sequences_of(query, run), sequences_of(keys, run), sequences_of(values, run), rules, batch);
  };
  if (is_recorded(query)) {
    std::vector<at::Tensor> parts;
    for (const auto& run : batch.runs) parts.push_back(part_of(run).transpose(1, 2).flatten(0, 1).flatten(1));
    return parts.size() == 1 ? parts[0] : at::cat(parts);
  }
  at::Tensor result = empty_rows(batch, {query.size(0), query.size(1), value.size(2)}, query.options());
  for (const auto& run : batch.runs) sequences_of(result, run).copy_(part_of(run));
  return result.flatten(1);
}

at::Tensor attention_to_cache(const at::Tensor& query, const PackedBatch& batch, const AttentionRules& rules) {
  const auto& cache = *batch.cache;
  const auto& padding = batch.padding;
  const auto group = query.size(1) / cache.keys[rules.layer].size(1);
  // [sequences, heads, most, head_dim]
  const auto rows_of = [](const at::Tensor& x, const at::Tensor& places) {
    return x.index_select(0, places.flatten()).unflatten(0, places.sizes()).transpose(1, 2);
  };
  const auto cached = [&](const at::Tensor& x) {
    const at::Tensor rows = rows_of(x, padding.cache_rows);
    return group == 1 ? rows : rows.repeat_interleave(group, 1);
  };
  const at::Tensor keys = at::arange(padding.cache_rows.size(1), padding.positions.options());
  const at::Tensor ahead = keys - padding.positions.unsqueeze(2);  // [sequences, queries, keys]
  at::Tensor hidden = ahead > 0;
  if (rules.window) hidden = at::logical_or(hidden, ahead <= -*rules.window);
  const at::Tensor mask = at::zeros(hidden.sizes(), query.options())
                              .masked_fill_(hidden, -std::numeric_limits<double>::infinity())
                              .unsqueeze(1);
  const at::Tensor mixed =
      at::scaled_dot_product_attention(rows_of(query, padding.tokens), cached(cache.keys[rules.layer]),
                                       cached(cache.values[rules.layer]), mask, 0, false, rules.scale);
  return mixed.transpose(1, 2).flatten(0, 1).index_select(0, padding.places).flatten(1);
}

at::Tensor attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, const PackedBatch& batch,
                     const AttentionRules& rules) {
  if (batch.cache != nullptr) {
    batch.cache->keys[rules.layer].index_copy_(0, batch.cache_rows, key.narrow(0, 0, batch.tokens()));
    batch.cache->values[rules.layer].index_copy_(0, batch.cache_rows, value.narrow(0, 0, batch.tokens()));
  }
  const auto type = query.scalar_type();
  if (is_recorded(query)) return attention_by_runs(query, key, value, batch, rules);
  if (query.device().is_cpu() && (type == at::kFloat || type == at::kBFloat16)) {
    return attention_on_cpu(query, key, value, batch, rules);
  }
  if (!batch.pasts.empty()) return attention_to_cache(query, batch, rules);
  if (flash_takes(query, rules)) return flash_attention(query, key, value, batch, rules);
  return attention_by_runs(query, key, value, batch, rules);
}

}  // namespace farpoint::models
