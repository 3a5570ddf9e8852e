// SPDX-License-Identifier: Apache-2.0
#include "language_head.hpp"

#include <algorithm>
#include <limits>

#include "cpu_kernels.hpp"
#include "device_kernels.hpp"
#include "packed_batch.hpp"

namespace farpoint::models {

namespace {

constexpr std::int64_t tile_words = 4096;
constexpr std::int64_t tile_words_cuda = 16384;
constexpr std::int64_t tile_rows = 512;
constexpr std::int64_t tile_rows_cuda = 4096;

void add_by_operators(const at::Tensor& tile, const at::Tensor& targets, const RunningSums& sums) {
  const at::Tensor logits = tile.to(at::kFloat);
  const at::Tensor greatest = at::maximum(sums.greatest, logits.amax(1));
  sums.sum.mul_(at::exp(sums.greatest - greatest)).add_(at::exp(logits - greatest.unsqueeze(1)).sum(1));
  sums.greatest.copy_(greatest);
  const at::Tensor here = at::logical_and(targets >= 0, targets < logits.size(1));
  const at::Tensor picked = logits.gather(1, targets.clamp(0, logits.size(1) - 1).unsqueeze(1)).squeeze(1);
  sums.target.copy_(at::where(here, picked, sums.target));
}

void add_log_sum(const at::Tensor& tile, const at::Tensor& targets, const RunningSums& sums) {
  if (const auto* kernels = cpu_kernels(tile)) {
    const at::Tensor logits = tile.contiguous();
    kernels->add_log_sum({logits.const_data_ptr(), static_cast<std::size_t>(logits.size(0)),
                          static_cast<std::size_t>(logits.size(1)), targets.const_data_ptr<std::int64_t>(),
                          sums.greatest.mutable_data_ptr<float>(), sums.sum.mutable_data_ptr<float>(),
                          sums.target.mutable_data_ptr<float>()});
  } else if (!add_log_sum_on_gpu(tile, targets, sums)) {
    add_by_operators(tile, targets, sums);
  }
}

}  // namespace

LanguageHead::LanguageHead(const at::Tensor& weight) {
  const bool on_cpu = weight.device().is_cpu();
  if (weight.scalar_type() != at::kFloat) weight_ = weight;
  const auto words = weight.size(0);
  const auto width = on_cpu ? tile_words : tile_words_cuda;
  for (std::int64_t begin = 0; begin < words; begin += width) {
    const auto size = std::min(width, words - begin);
    tiles_.push_back({begin, size, Linear(weight.narrow(0, begin, size), {})});
  }
}

at::Tensor LanguageHead::negative_log_likelihoods(const at::Tensor& hidden, const at::Tensor& targets) const {
  const auto count = hidden.size(0);
  if (const auto missing = padded_rows(count) - count; missing > 0 && hidden.device().is_cpu()) {
    const at::Tensor more = at::constant_pad_nd(hidden, {0, 0, 0, missing});
    return negative_log_likelihoods(more, at::constant_pad_nd(targets, {0, missing})).narrow(0, 0, count);
  }
  const auto rows = hidden.size(0);
  const auto height = hidden.device().is_cpu() ? tile_rows : tile_rows_cuda;
  at::Tensor result = at::empty({rows}, hidden.options().dtype(at::kFloat));
  for (std::int64_t begin = 0; begin < rows; begin += height) {
    const auto size = std::min(height, rows - begin);
    result.narrow(0, begin, size).copy_(of_rows(hidden.narrow(0, begin, size), targets.narrow(0, begin, size)));
  }
  return result;
}

at::Tensor LanguageHead::logits(const at::Tensor& hidden) const {
  std::vector<at::Tensor> parts;
  for (const auto& tile : tiles_) parts.push_back(tile.product(hidden).to(at::kFloat));
  return at::cat(parts, 1);
}

at::Tensor LanguageHead::of_rows(const at::Tensor& hidden, const at::Tensor& targets) const {
  const auto options = hidden.options().dtype(at::kFloat);
  const RunningSums sums{at::full({hidden.size(0)}, -std::numeric_limits<float>::infinity(), options),
                         at::zeros({hidden.size(0)}, options), at::zeros({hidden.size(0)}, options)};
  for (const auto& tile : tiles_) add_log_sum(tile.product(hidden), targets - tile.begin, sums);
  const at::Tensor total = sums.greatest + at::log(sums.sum);
  if (!weight_.defined()) return total - sums.target;
  // A logit that was rounded to 16 bits is off by up to 1/256 of itself. In the sum over the vocabulary such errors
  // cancel; the target's would go into the result as it is, so it is computed again, and replaced in the sum too.
  const at::Tensor exact = at::mul(hidden.to(at::kFloat), weight_.index_select(0, targets).to(at::kFloat)).sum(1);
  return (total - exact) + at::log1p(at::exp(exact - total) - at::exp(sums.target - total));
}

}  // namespace farpoint::models
