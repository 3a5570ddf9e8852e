// SPDX-License-Identifier: Apache-2.0
#include "packed_batch.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "farpoint/base/error.hpp"

namespace farpoint::models {

namespace {

void check(const SequenceView& sequence, const PackingRules& rules) {
  const auto length = static_cast<std::int64_t>(sequence.ids.size());
  if (length == 0) throw Error("a sequence without tokens cannot go through a model");
  if (length > rules.max_positions) {
    throw Error(fmt::format("a sequence of {} tokens is longer than the model's {}", length, rules.max_positions));
  }
  if (rules.token_types > 0 && !sequence.token_types.empty()) {
    const auto type = *std::max_element(sequence.token_types.begin(), sequence.token_types.end());
    // RoBERTa has one type, and its tokenizers say 0 for both texts of a pair.
    if (type >= rules.token_types) throw Error(fmt::format("token type {} of {}", type, rules.token_types));
  }
  const auto largest = *std::max_element(sequence.ids.begin(), sequence.ids.end());
  if (largest >= rules.vocab_size) {
    throw Error(fmt::format(
        "the tokenizer gave token {}, but the model has {} embeddings: tokenizer.json belongs to another model",
        largest, rules.vocab_size));
  }
}

void write_positions(std::span<const std::uint32_t> ids, const PackingRules& rules, std::int64_t* positions) {
  if (!rules.position_padding) {
    for (std::size_t i = 0; i < ids.size(); ++i) positions[i] = static_cast<std::int64_t>(i);
    return;
  }
  const auto padding = *rules.position_padding;
  std::int64_t counted = padding;
  for (std::size_t i = 0; i < ids.size(); ++i) positions[i] = ids[i] == padding ? padding : ++counted;
}

}  // namespace

PackedBatch pack(std::span<const SequenceView> sequences, const PackingRules& rules, at::Device device) {
  PackedBatch batch;
  batch.starts.push_back(0);
  bool typed = false;
  for (const auto& sequence : sequences) {
    check(sequence, rules);
    const auto length = static_cast<std::int64_t>(sequence.ids.size());
    if (batch.runs.empty() || batch.runs.back().length != length) {
      batch.runs.push_back({batch.starts.back(), 0, length});
    }
    ++batch.runs.back().sequences;
    batch.starts.push_back(batch.starts.back() + length);
    batch.longest = std::max(batch.longest, length);
    typed = typed || (rules.token_types > 0 && !sequence.token_types.empty());
  }
  const auto host = at::TensorOptions().dtype(at::kLong).pinned_memory(device.is_cuda());
  const auto tokens = batch.starts.back();
  at::Tensor numbers = at::zeros({typed ? 3 : 2, tokens}, host);
  auto* ids = numbers.mutable_data_ptr<std::int64_t>();
  for (std::size_t s = 0; s < sequences.size(); ++s) {
    const auto first = batch.starts[s];
    std::copy(sequences[s].ids.begin(), sequences[s].ids.end(), ids + first);
    write_positions(sequences[s].ids, rules, ids + tokens + first);
    if (typed) std::copy(sequences[s].token_types.begin(), sequences[s].token_types.end(), ids + 2 * tokens + first);
  }
  numbers = numbers.to(device, /*non_blocking=*/true);
  batch.ids = numbers[0];
  batch.positions = numbers[1];
  if (typed) batch.token_types = numbers[2];
  batch.device_starts = at::tensor(batch.starts, at::kLong).to(device, at::kInt);
  return batch;
}

}  // namespace farpoint::models
