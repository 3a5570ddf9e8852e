// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "farpoint/base/machine.hpp"

/// What a CPU does between the large products. Numbers in memory are float32 or bfloat16 (as uint16_t), as the table
/// says that a function is taken from; inside everything is float32, but
/// that attention multiplies in bfloat16 where the processor can (attention_operands.hpp). Strides count numbers.
namespace farpoint::models {

/// Attention of one sequence within itself, and to the tokens before it whose keys and values were kept, for one head
/// of keys and values and all heads of queries that share it. Pointers are to the head's first number of the sequence's
/// first token; numbers of a head lie side by side.
struct AttentionTask {
  const void* query = nullptr;
  const void* key = nullptr;
  const void* value = nullptr;
  void* result = nullptr;
  /// From one token to the next. The heads of a group lie head_dim apart in queries and result.
  size_t query_stride = 0, key_stride = 0, value_stride = 0, result_stride = 0;
  size_t length = 0;
  size_t head_dim = 0;
  size_t group = 1;  ///< heads of queries
  float scale = 1;
  size_t reach_back = 0;   ///< token i sees tokens from i - reach_back on, of those before the sequence too
  size_t reach_ahead = 0;  ///< to i + reach_ahead
  /// Of distance 0, for the group's first head; the other distances beside it. Null: none.
  const float* distance_bias = nullptr;
  size_t bias_stride = 0;      ///< from one head to the next
  float* workspace = nullptr;  ///< attention_workspace() floats of past + length, aligned to 64 bytes
  /// The tokens before the sequence: how many, and their keys and values.
  size_t past = 0;
  const void* past_key = nullptr;
  const void* past_value = nullptr;
  size_t past_key_stride = 0, past_value_stride = 0;
};

constexpr size_t attention_rows = 8;  ///< no kernel takes more queries at once

/// Floats that a kernel needs beside its task: keys and values of the head, and of a few queries their numbers, scores,
/// weights and sums.
constexpr size_t attention_workspace(size_t length, size_t head_dim) {
  const size_t keys = (length + 15) / 16 * 16;
  const size_t columns = (head_dim + 15) / 16 * 16;
  return head_dim * keys + keys * columns + attention_rows * 2 * (keys + columns);
}

/// Rows of `width` numbers, each normed for itself. `result` is dense.
struct NormTask {
  const void* x = nullptr;
  void* addend = nullptr;  ///< dense; if not null, x + addend is normed, and left here
  const void* weight = nullptr;
  const void* bias = nullptr;  ///< null: none
  void* result = nullptr;
  size_t rows = 0;
  size_t width = 0;
  size_t stride = 0;
  float eps = 0;
};

/// Rotates pairs (first half, second half of a head) in place.
struct RotationTask {
  void* x = nullptr;
  size_t tokens = 0;
  size_t heads = 0;  ///< side by side
  size_t head_dim = 0;
  size_t stride = 0;              ///< from one token to the next
  const float* cosine = nullptr;  ///< [tokens, head_dim / 2]
  const float* sine = nullptr;
};

/// silu(gate) * up. `result` is dense.
struct GateTask {
  const void* gate = nullptr;
  const void* up = nullptr;
  void* result = nullptr;
  size_t rows = 0;
  size_t width = 0;
  size_t stride = 0;  ///< of gate and up
};

/// Adds a tile of logits to the rows' running sums of exponentials.
struct LogSumTask {
  const void* logits = nullptr;  ///< [rows, width], dense
  size_t rows = 0;
  size_t width = 0;
  const int64_t* targets = nullptr;  ///< [rows], counted from this tile's first word; others lie in other tiles
  float* greatest = nullptr;         ///< [rows], so far; begin with minus infinity
  float* sum = nullptr;              ///< [rows], of exp(logit - greatest)
  float* target = nullptr;           ///< [rows], gets the target's logit where it lies in this tile
};

struct Kernels {
  void (*attend)(const AttentionTask&);
  void (*rms_norm)(const NormTask&);
  void (*layer_norm)(const NormTask&);
  void (*rotate)(const RotationTask&);
  void (*gate)(const GateTask&);
  void (*add_log_sum)(const LogSumTask&);
};

/// One table a kind of processor.
struct KernelTable {
  Kernels fp32;
  Kernels bf16;
};

// Each in a file that is compiled for it; only kernels_for() may call them.
KernelTable portable_kernels();
KernelTable avx2_kernels();
KernelTable avx512_kernels();
Kernels avx512_bf16_kernels();  ///< for numbers in bfloat16; those in float32 have no use for its instructions

const KernelTable& kernels_for(Instructions instructions);

}  // namespace farpoint::models
