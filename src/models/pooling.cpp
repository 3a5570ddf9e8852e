// SPDX-License-Identifier: Apache-2.0
#include "pooling.hpp"

#include <cmath>

namespace farpoint::models {

namespace {

using model_files::PoolingMode;

/// Rows of a sequence that count, float32 [rows, hidden_size].
at::Tensor rows_of(const at::Tensor& hidden, const PackedBatch& batch, std::size_t sequence, std::int64_t skipped) {
  const auto first = batch.starts[sequence];
  const auto length = batch.starts[sequence + 1] - first;
  const auto without = std::min(skipped, length);
  return hidden.narrow(0, first + without, length - without).to(at::kFloat);
}

at::Tensor pool_one(const at::Tensor& rows, PoolingMode mode, std::int64_t skipped) {
  const auto count = rows.size(0);
  switch (mode) {
    case PoolingMode::cls:
      return rows[0];
    case PoolingMode::last_token:
      return rows[count - 1];
    case PoolingMode::max:
      return rows.amax(0);
    case PoolingMode::mean_sqrt_len:
      return rows.sum(0).div_(std::sqrt(static_cast<double>(count)));
    case PoolingMode::weighted_mean: {
      // Weights are positions in the whole sequence, whatever of it counts.
      const at::Tensor weights = at::arange(skipped + 1, skipped + count + 1, rows.options());
      return at::mv(rows.t(), weights).div_(weights.sum());
    }
    case PoolingMode::mean:
      break;
  }
  return rows.mean(0);
}

at::Tensor rows_at(const at::Tensor& hidden, std::vector<std::int64_t> rows) {
  return hidden.index_select(0, at::tensor(rows, at::kLong).to(hidden.device()));
}

}  // namespace

at::Tensor first_tokens(const at::Tensor& hidden, const PackedBatch& batch) {
  return rows_at(hidden, {batch.starts.begin(), batch.starts.end() - 1});
}

at::Tensor last_tokens(const at::Tensor& hidden, const PackedBatch& batch) {
  std::vector<std::int64_t> rows(batch.starts.begin() + 1, batch.starts.end());
  for (auto& row : rows) --row;
  return rows_at(hidden, std::move(rows));
}

at::Tensor pool(const at::Tensor& hidden, const PackedBatch& batch, const std::vector<PoolingMode>& modes,
                std::span<const std::int64_t> skipped) {
  const bool has_prompts = std::any_of(skipped.begin(), skipped.end(), [](auto count) { return count > 0; });
  std::vector<at::Tensor> parts;
  for (const auto mode : modes) {
    if (mode == PoolingMode::last_token) {
      parts.push_back(last_tokens(hidden, batch).to(at::kFloat));
    } else if (mode == PoolingMode::cls && !has_prompts) {
      parts.push_back(first_tokens(hidden, batch).to(at::kFloat));
    } else if (mode == PoolingMode::mean && !has_prompts) {
      parts.push_back(at::segment_reduce(hidden.to(at::kFloat), "mean", {}, {}, batch.device_starts.to(at::kLong), 0,
                                         /*unsafe=*/true));
    } else {
      std::vector<at::Tensor> vectors;
      for (std::size_t s = 0; s + 1 < batch.starts.size(); ++s) {
        const auto without = skipped.empty() ? 0 : skipped[s];
        vectors.push_back(pool_one(rows_of(hidden, batch, s, without), mode, without));
      }
      parts.push_back(at::stack(vectors));
    }
  }
  return parts.size() == 1 ? parts[0] : at::cat(parts, 1);
}

}  // namespace farpoint::models
