// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace farpoint::models {

/// Attention of one sequence within itself, for one head of keys and values and all heads of queries that share it.
/// Pointers are to the head's first number of the sequence's first token; numbers of a head lie side by side.
struct AttentionTask {
  const void* query = nullptr;
  const void* key = nullptr;
  const void* value = nullptr;
  void* result = nullptr;
  /// Numbers from one token to the next. The heads of a group lie head_dim apart in queries and result.
  size_t query_stride = 0, key_stride = 0, value_stride = 0, result_stride = 0;
  size_t length = 0;
  size_t head_dim = 0;
  size_t group = 1;  ///< heads of queries
  float scale = 1;
  size_t reach_back = 0;   ///< token i sees tokens from i - reach_back on
  size_t reach_ahead = 0;  ///< to i + reach_ahead
  /// Of distance 0, for the group's first head; the other distances beside it. Null: none.
  const float* distance_bias = nullptr;
  size_t bias_stride = 0;      ///< from one head to the next
  float* workspace = nullptr;  ///< attention_workspace() floats, aligned to 64 bytes
};

constexpr size_t attention_rows = 16;  ///< no kernel takes more queries at once

/// Floats that a kernel needs beside its task: keys and values of the head, and the scores of a few queries.
constexpr size_t attention_workspace(size_t length, size_t head_dim) {
  const size_t keys = (length + 15) / 16 * 16;
  const size_t columns = (head_dim + 15) / 16 * 16;
  return head_dim * keys + keys * columns + attention_rows * (keys + 2 * columns);
}

/// One table a kind of processor. bf16 numbers are uint16_t; inside everything is float32.
struct AttentionKernels {
  void (*fp32)(const AttentionTask&);
  void (*bf16)(const AttentionTask&);
};

AttentionKernels portable_attention_kernels();
AttentionKernels avx2_attention_kernels();
AttentionKernels avx512_attention_kernels();

}  // namespace farpoint::models
