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

/// Sequences one behind the other, without padding. All tensors lie on the model's device.
struct PackedBatch {
  at::Tensor ids;                    ///< int64 [tokens]
  at::Tensor positions;              ///< int64 [tokens]
  at::Tensor token_types;            ///< int64 [tokens]; undefined: all 0
  std::vector<std::int64_t> starts;  ///< first token of each sequence, and the number of tokens at the end
  at::Tensor device_starts;          ///< the same as int32 [sequences + 1]
  std::vector<Run> runs;
  std::int64_t longest = 0;
  Dropout* dropout = nullptr;  ///< where masks are drawn in training; null: none

  std::int64_t tokens() const { return starts.back(); }
  std::int64_t sequences() const { return static_cast<std::int64_t>(starts.size()) - 1; }
};

/// One sequence of a batch. The spans must outlive the call only.
struct SequenceView {
  std::span<const std::uint32_t> ids;
  std::span<const std::uint32_t> token_types;  ///< empty: all 0
};

struct PackingRules {
  std::int64_t vocab_size = 0;
  std::int64_t max_positions = 0;  ///< longest sequence allowed
  std::int64_t token_types = 0;    ///< how many there are; others are not looked at
  /// RoBERTa and MPNet count positions from pad + 1, and tokens that are the padding token hold position pad, wherever
  /// they stand (transformers, create_position_ids_from_input_ids).
  std::optional<std::int64_t> position_padding;
};

/// Sequences of one length should lie side by side. Throws Error for empty sequences, for those longer than
/// `rules.max_positions` and for ids outside the vocabulary.
PackedBatch pack(std::span<const SequenceView> sequences, const PackingRules& rules, at::Device device);

}  // namespace farpoint::models
