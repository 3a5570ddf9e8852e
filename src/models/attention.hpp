// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <optional>

#include "farpoint/base/machine.hpp"
#include "packed_batch.hpp"

namespace farpoint::models {

struct AttentionRules {
  double scale = 1;
  bool causal = false;
  /// A token sees the tokens j with i - j < window (causal) or |i - j| <= window; unset: all.
  std::optional<std::int64_t> window;
  /// Added to the scaled products, by distance: float [heads, 2 * reach + 1], entry [h][j - i + reach], with reach at
  /// least the longest sequence - 1. Undefined: none.
  at::Tensor distance_bias;
  std::size_t layer = 0;  ///< of the model; whose part of a cache it is
  double dropout = 0;     ///< share of the probabilities, where the batch has dropout
};

/// Softmax attention of each sequence of the batch within itself, and to what the batch says of a cache, which is given
/// the new keys and values first. `query` is [rows, heads, head_dim], `key` and
/// `value` are [rows, kv_heads, head_dim] with heads a multiple of kv_heads (consecutive heads share one); they may
/// be views of a wider tensor as long as head_dim is dense. Returns [rows, heads * head_dim]. Never holds more than a
/// block of scores, however long the sequences.
at::Tensor attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, const PackedBatch& batch,
                     const AttentionRules& rules);

/// The same on the CPU, float32 or bfloat16, with the widest registers of the processor; sums are in float32.
at::Tensor attention_on_cpu(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                            const PackedBatch& batch, const AttentionRules& rules,
                            Instructions instructions = best_instructions());

/// The same by libtorch's scaled_dot_product_attention, run by run; for devices and types without a kernel of our own,
/// and for training.
at::Tensor attention_by_runs(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                             const PackedBatch& batch, const AttentionRules& rules);

/// The same for batches that follow on a cache: in one call, by batch.padding. The cache holds the batch's own keys and
/// values too. Causal, without a bias.
at::Tensor attention_to_cache(const at::Tensor& query, const PackedBatch& batch, const AttentionRules& rules);

}  // namespace farpoint::models
