// SPDX-License-Identifier: Apache-2.0
#include "packed_batch.hpp"

#include <fmt/format.h>

#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <bit>
#include <numeric>

#include "farpoint/base/error.hpp"

namespace farpoint::models {

namespace {

void check(const SequenceView& sequence, const PackingRules& rules) {
  if (sequence.ids.empty()) throw Error("a sequence without tokens cannot go through a model");
  const auto length = sequence.past.count + static_cast<std::int64_t>(sequence.ids.size());
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

void write_positions(const SequenceView& sequence, const PackingRules& rules, std::int64_t* positions) {
  const auto ids = sequence.ids;
  if (!rules.position_padding) {
    std::iota(positions, positions + ids.size(), sequence.past.count);
    return;
  }
  const auto padding = *rules.position_padding;
  std::int64_t counted = padding;
  for (std::size_t i = 0; i < ids.size(); ++i) positions[i] = ids[i] == padding ? padding : ++counted;
}

/// `follow`: some of the sequences have a past.
void use_cache(PackedBatch& batch, std::span<const SequenceView> sequences, bool follow, at::Device device,
               KeyValueCache& cache) {
  batch.cache = &cache;
  std::vector<std::int64_t> rows;
  for (const auto& sequence : sequences) {
    for (std::size_t i = 0; i < sequence.ids.size(); ++i) {
      rows.push_back(sequence.cache_row + static_cast<std::int64_t>(i));
    }
  }
  batch.cache_rows = at::tensor(rows, at::kLong).to(device);
  if (!follow) return;
  for (const auto& sequence : sequences) batch.pasts.push_back(sequence.past);
  if (!device.is_cpu()) batch.padding = pad(sequences, batch, device);
}

}  // namespace

std::int64_t PackedBatch::longest_context() const {
  if (pasts.empty()) return longest;
  std::int64_t most = 0;
  for (std::size_t s = 0; s < pasts.size(); ++s) most = std::max(most, pasts[s].count + starts[s + 1] - starts[s]);
  return most;
}

Padding pad(std::span<const SequenceView> sequences, const PackedBatch& batch, at::Device device) {
  const auto count = batch.sequences();
  const auto most = batch.longest_context();
  at::Tensor tokens = at::zeros({count, batch.longest}, at::kLong);
  at::Tensor positions = at::zeros({count, batch.longest}, at::kLong);
  at::Tensor cache_rows = at::zeros({count, most}, at::kLong);
  at::Tensor places = at::empty({batch.tokens()}, at::kLong);
  for (std::int64_t s = 0; s < count; ++s) {
    const auto& sequence = sequences[static_cast<std::size_t>(s)];
    const auto first = batch.starts[static_cast<std::size_t>(s)];
    const auto length = static_cast<std::int64_t>(sequence.ids.size());
    const auto fill = [](at::Tensor to, std::int64_t begin, std::int64_t size, std::int64_t value) {
      auto* values = to.mutable_data_ptr<std::int64_t>() + begin;
      std::iota(values, values + size, value);
    };
    fill(tokens, s * batch.longest, length, first);
    fill(positions, s * batch.longest, length, sequence.past.count);
    fill(cache_rows, s * most, sequence.past.count, sequence.past.first);
    fill(cache_rows, s * most + sequence.past.count, length, sequence.cache_row);
    fill(places, first, length, s * batch.longest);
  }
  return {tokens.to(device), positions.to(device), cache_rows.to(device), places.to(device)};
}

std::int64_t padded_rows(std::int64_t tokens) {
  constexpr std::int64_t least = 16;  // rows of a tile of AMX
  constexpr std::int64_t share = 32;
  const auto step =
      std::max(least, static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(tokens))) / share);
  return (tokens + step - 1) / step * step;
}

at::Tensor empty_rows(const PackedBatch& batch, at::IntArrayRef sizes, const at::TensorOptions& options) {
  at::Tensor rows = at::empty(sizes, options);
  if (batch.rows() > batch.tokens()) rows.narrow(0, batch.tokens(), batch.rows() - batch.tokens()).zero_();
  return rows;
}

PackedBatch pack(std::span<const SequenceView> sequences, const PackingRules& rules, at::Device device,
                 KeyValueCache* cache) {
  PackedBatch batch;
  batch.starts.push_back(0);
  bool typed = false;
  bool follows = false;
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
    follows = follows || sequence.past.count > 0;
  }
  const auto host = at::TensorOptions().dtype(at::kLong).pinned_memory(device.is_cuda());
  const bool is_padded = device.is_cpu() && !follows && c10::InferenceMode::is_enabled();
  const auto rows = is_padded ? padded_rows(batch.tokens()) : batch.tokens();
  at::Tensor numbers = at::zeros({typed ? 3 : 2, rows}, host);
  auto* ids = numbers.mutable_data_ptr<std::int64_t>();
  for (std::size_t s = 0; s < sequences.size(); ++s) {
    const auto first = batch.starts[s];
    std::copy(sequences[s].ids.begin(), sequences[s].ids.end(), ids + first);
    write_positions(sequences[s], rules, ids + rows + first);
    if (typed) std::copy(sequences[s].token_types.begin(), sequences[s].token_types.end(), ids + 2 * rows + first);
  }
  numbers = numbers.to(device, /*non_blocking=*/true);
  batch.ids = numbers[0];
  batch.positions = numbers[1];
  if (typed) batch.token_types = numbers[2];
  batch.device_starts = at::tensor(batch.starts, at::kLong).to(device, at::kInt);
  if (cache != nullptr) use_cache(batch, sequences, follows, device, *cache);
  return batch;
}

}  // namespace farpoint::models
