// SPDX-License-Identifier: Apache-2.0
#include "adamw.hpp"

#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>

#include "farpoint/base/parallel.hpp"

namespace farpoint::models {

namespace {

constexpr double beta1 = 0.9;
constexpr double beta2 = 0.999;
constexpr double eps = 1e-8;
constexpr std::size_t block_numbers = 1 << 14;

/// What is the same for all numbers of a weight in one step.
struct Factors {
  double scale;         // of gradients
  double kept;          // of the weight, after its decay
  double step_size;     // the learning rate, corrected for the first moment's beginning at 0
  double second_scale;  // corrects the second moment's root
};

void update_numbers(const Factors& factors, std::span<const float> gradients, float* values, float* first,
                    float* second) {
  const auto scale = static_cast<float>(factors.scale);
  const auto kept = static_cast<float>(factors.kept);
  const auto step_size = static_cast<float>(factors.step_size);
  const auto second_scale = static_cast<float>(factors.second_scale);
  constexpr auto new_first = static_cast<float>(1 - beta1);
  constexpr auto old_second = static_cast<float>(beta2);
  constexpr auto new_second = static_cast<float>(1 - beta2);
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    const float gradient = gradients[i] * scale;
    const float mean = first[i] + new_first * (gradient - first[i]);
    const float square = second[i] * old_second + new_second * gradient * gradient;
    first[i] = mean;
    second[i] = square;
    values[i] = values[i] * kept - step_size * mean / (std::sqrt(square) / second_scale + static_cast<float>(eps));
  }
}

void update_on_device(const Factors& factors, const at::Tensor& unscaled, at::Tensor value, at::Tensor first,
                      at::Tensor second) {
  const at::Tensor gradient = unscaled * factors.scale;
  value.mul_(factors.kept);
  first.lerp_(gradient, 1 - beta1);
  second.mul_(beta2).addcmul_(gradient, gradient, 1 - beta2);
  value.addcdiv_(first, (second.sqrt() / factors.second_scale).add_(eps), -factors.step_size);
}

}  // namespace

AdamW::AdamW(const std::vector<TrainedWeight>& weights, double weight_decay)
    : weights_(weights), weight_decay_(weight_decay) {
  for (const auto& weight : weights) {
    first_.push_back(at::zeros_like(weight.value).requires_grad_(false));
    second_.push_back(at::zeros_like(weight.value).requires_grad_(false));
  }
}

void AdamW::update(const GradientSums& gradients, double scale, double learning_rate, std::uint64_t step) {
  const c10::NoGradGuard unrecorded;
  const auto count_of_steps = static_cast<double>(step);
  Factors factors{scale, 1, learning_rate / (1 - std::pow(beta1, count_of_steps)),
                  std::sqrt(1 - std::pow(beta2, count_of_steps))};
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    const auto& value = weights_[i].value;
    factors.kept = weights_[i].decays() ? 1 - learning_rate * weight_decay_ : 1;
    if (!value.device().is_cpu()) {
      update_on_device(factors, gradients.gradient(i), value, first_[i], second_[i]);
      continue;
    }
    auto* const values = value.mutable_data_ptr<float>();
    auto* const first = first_[i].mutable_data_ptr<float>();
    auto* const second = second_[i].mutable_data_ptr<float>();
    parallel_for(static_cast<std::size_t>(value.numel()), block_numbers,
                 [&](std::size_t, std::size_t begin, std::size_t end) {
                   std::vector<float> numbers(end - begin);
                   gradients.read(i, static_cast<std::int64_t>(begin), numbers);
                   update_numbers(factors, numbers, values + begin, first + begin, second + begin);
                 });
  }
}

double learning_rate_share(std::uint64_t step, std::uint64_t steps, double warmup) {
  const auto all = static_cast<double>(steps);
  const auto done = static_cast<double>(step);
  const double rising = std::ceil(warmup * all);
  if (done < rising) return done / std::max(1.0, rising);
  return std::max(0.0, (all - done) / std::max(1.0, all - rising));
}

}  // namespace farpoint::models
