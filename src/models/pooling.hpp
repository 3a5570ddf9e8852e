// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "farpoint/model_files/sentence_pipeline.hpp"
#include "packed_batch.hpp"

namespace farpoint::models {

/// One vector a sequence, float32 [sequences, modes * hidden_size], from hidden states [rows, hidden_size]; sums in
/// float32. Several modes lie side by side. `skipped`: tokens at the beginning of each sequence that do not count (a
/// prompt); empty: none. (sentence-transformers, Pooling.)
at::Tensor pool(const at::Tensor& hidden, const PackedBatch& batch, const std::vector<model_files::PoolingMode>& modes,
                std::span<const std::int64_t> skipped = {});

/// The first token of each sequence, [sequences, hidden_size], in the type of `hidden`.
at::Tensor first_tokens(const at::Tensor& hidden, const PackedBatch& batch);
at::Tensor last_tokens(const at::Tensor& hidden, const PackedBatch& batch);

}  // namespace farpoint::models
