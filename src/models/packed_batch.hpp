// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace farpoint::models {

/// Sequences of the same length that follow each other in a batch.
struct Run {
  std::int64_t first_token = 0;
  std::int64_t sequences = 0;
  std::int64_t length = 0;
};

class Dropout;

/// Keys, after their rotation, and values of tokens that went through a causal model, for tokens that come after them.
/// What lies in which row is decided by who packs the batches.
struct KeyValueCache {
  // One a layer: [rows, kv_heads, head_dim].
  std::vector<at::Tensor> keys;
  std::vector<at::Tensor> values;
};

/// Rows of a cache that follow each other.
struct CacheRows {
  std::int64_t first = 0;
  std::int64_t count = 0;
};

/// A batch that follows on a cache as [sequences, most] tables, for devices whose attention wants these; all int64.
struct Padding {
  at::Tensor tokens;      ///< of the batch; the last ones of a row may be any
  at::Tensor positions;   ///< of these tokens in their sequence
  at::Tensor cache_rows;  ///< of the sequence's tokens, those before the batch first
  at::Tensor places;      ///< [tokens]: where each lies in the table `tokens`
};

/// Sequences one behind the other, without padding but for some rows behind the last (padded_rows()), which belong to
/// nothing. All tensors lie on the model's device.
struct PackedBatch {
  at::Tensor ids;                    ///< int64 [rows]
  at::Tensor positions;              ///< int64 [rows]
  at::Tensor token_types;            ///< int64 [rows]; undefined: all 0
  std::vector<std::int64_t> starts;  ///< first token of each sequence, and the number of tokens at the end
  at::Tensor device_starts;          ///< the same as int32 [sequences + 1]
  std::vector<Run> runs;
  std::int64_t longest = 0;
  Dropout* dropout = nullptr;  ///< where masks are drawn in training; null: none

  /// Where the tokens' keys and values are kept: int64 [tokens], rows of the cache. Null and undefined: nowhere.
  KeyValueCache* cache = nullptr;
  at::Tensor cache_rows;
  /// By sequence: the tokens before it, by what is kept of them. Empty: all sequences begin here.
  std::vector<CacheRows> pasts;
  Padding padding;  ///< where there are pasts and no kernel of our own

  std::int64_t tokens() const { return starts.back(); }
  std::int64_t rows() const { return ids.size(0); }
  std::int64_t sequences() const { return static_cast<std::int64_t>(starts.size()) - 1; }
  /// Tokens of the longest sequence together with those before it.
  std::int64_t longest_context() const;
};

/// Rows of a batch of so many tokens where oneDNN computes: at most a 32nd more, 16 in any case. oneDNN makes code for
/// every number of rows that it meets, with AMX for longer than the product takes, and keeps it: so there are few.
std::int64_t padded_rows(std::int64_t tokens);

/// Uninitialised, with a row for each of the batch's; zeros in those that belong to nothing.
at::Tensor empty_rows(const PackedBatch& batch, at::IntArrayRef sizes, const at::TensorOptions& options);

/// One sequence of a batch. The spans must outlive the call only.
struct SequenceView {
  std::span<const std::uint32_t> ids;
  std::span<const std::uint32_t> token_types = {};  ///< empty: all 0
  // For batches with a cache:
  CacheRows past = {};         ///< of the tokens before these
  std::int64_t cache_row = 0;  ///< of the first of these; the others follow it
};

struct PackingRules {
  std::int64_t vocab_size = 0;
  std::int64_t max_positions = 0;  ///< longest sequence allowed
  std::int64_t token_types = 0;    ///< how many there are; others are not looked at
  /// RoBERTa and MPNet count positions from pad + 1, and tokens that are the padding token hold position pad, wherever
  /// they stand (transformers, create_position_ids_from_input_ids).
  std::optional<std::int64_t> position_padding;
};

/// Sequences of one length should lie side by side. Rows are padded on the CPU in inference mode, unless pasts show
/// that there are few tokens. `cache` must outlive the batch; null: none. Throws Error for empty
/// sequences, for those longer than `rules.max_positions`, with what comes before them, and for ids outside the
/// vocabulary.
PackedBatch pack(std::span<const SequenceView> sequences, const PackingRules& rules, at::Device device,
                 KeyValueCache* cache = nullptr);

/// What a batch with pasts needs on devices without a kernel of our own; pack() sees to it.
Padding pad(std::span<const SequenceView> sequences, const PackedBatch& batch, at::Device device);

}  // namespace farpoint::models
