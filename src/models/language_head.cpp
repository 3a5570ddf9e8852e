// SPDX-License-Identifier: Apache-2.0
#include "language_head.hpp"

#include <algorithm>
#include <limits>

#include "cpu_kernels.hpp"

namespace farpoint::models {

namespace {

constexpr std::int64_t tile_words = 4096;
constexpr std::int64_t tile_words_cuda = 16384;
constexpr std::int64_t tile_rows = 512;
constexpr std::int64_t tile_rows_cuda = 4096;

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
  const auto rows = hidden.size(0);
  const auto height = hidden.device().is_cpu() ? tile_rows : tile_rows_cuda;
  at::Tensor result = at::empty({rows}, hidden.options().dtype(at::kFloat));
  for (std::int64_t begin = 0; begin < rows; begin += height) {
    const auto size = std::min(height, rows - begin);
    result.narrow(0, begin, size).copy_(of_rows(hidden.narrow(0, begin, size), targets.narrow(0, begin, size)));
  }
  return result;
}

at::Tensor LanguageHead::of_rows(const at::Tensor& hidden, const at::Tensor& targets) const {
  const auto* kernels = cpu_kernels(hidden);
  const auto [total, target] =
      kernels != nullptr ? sum_by_kernel(*kernels, hidden, targets) : sum_by_operators(hidden, targets);
  if (!weight_.defined()) return total - target;
  // A logit that was rounded to 16 bits is off by up to 1/256 of itself. In the sum over the vocabulary such errors
  // cancel; the target's would go into the result as it is, so it is computed again, and replaced in the sum too.
  const at::Tensor exact = at::mul(hidden.to(at::kFloat), weight_.index_select(0, targets).to(at::kFloat)).sum(1);
  return (total - exact) + at::log1p(at::exp(exact - total) - at::exp(target - total));
}

LanguageHead::Sums LanguageHead::sum_by_kernel(const Kernels& kernels, const at::Tensor& hidden,
                                               const at::Tensor& targets) const {
  const auto options = hidden.options().dtype(at::kFloat);
  const at::Tensor greatest = at::full({hidden.size(0)}, -std::numeric_limits<float>::infinity(), options);
  const at::Tensor sum = at::zeros({hidden.size(0)}, options);
  const at::Tensor target = at::zeros({hidden.size(0)}, options);
  for (const auto& tile : tiles_) {
    const at::Tensor logits = tile.product(hidden).contiguous();
    const at::Tensor places = targets - tile.begin;
    kernels.add_log_sum({logits.const_data_ptr(), static_cast<std::size_t>(logits.size(0)),
                         static_cast<std::size_t>(logits.size(1)), places.const_data_ptr<std::int64_t>(),
                         greatest.mutable_data_ptr<float>(), sum.mutable_data_ptr<float>(),
                         target.mutable_data_ptr<float>()});
  }
  return {greatest + at::log(sum), target};
}

LanguageHead::Sums LanguageHead::sum_by_operators(const at::Tensor& hidden, const at::Tensor& targets) const {
  const auto options = hidden.options().dtype(at::kFloat);
  at::Tensor total = at::full({hidden.size(0)}, -std::numeric_limits<float>::infinity(), options);
  at::Tensor target = at::zeros({hidden.size(0)}, options);
  for (const auto& tile : tiles_) {
    const at::Tensor logits = tile.product(hidden).to(at::kFloat);
    total = at::logaddexp(total, at::logsumexp(logits, 1));
    const at::Tensor place = targets - tile.begin;
    const at::Tensor here = at::logical_and(place >= 0, place < tile.size);
    const at::Tensor picked = logits.gather(1, place.clamp(0, tile.size - 1).unsqueeze(1)).squeeze(1);
    target = at::where(here, picked, target);
  }
  return {total, target};
}

}  // namespace farpoint::models
