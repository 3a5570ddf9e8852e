// SPDX-License-Identifier: Apache-2.0
#include "micro_batch.hpp"

#include <ATen/autocast_mode.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "farpoint/base/error.hpp"
#include "farpoint/base/hash.hpp"
#include "gradient_sums.hpp"

namespace farpoint::models {

namespace {

using model_files::ProblemType;

constexpr double weight_one = 0x1p32;
constexpr float largest_weight = 65'536;
/// Of a micro-batch; so sums over ranks do not overflow.
constexpr double largest_loss = 1e5;

void check_target(float target, const FineTunerOptions& options) {
  const bool right =
      options.problem == ProblemType::regression
          ? std::isfinite(target)
          : target >= 0 && target < static_cast<float>(options.labels.size()) && target == std::floor(target);
  if (!right) throw Error(fmt::format("the target {} is no number of a label, or not finite", target));
}

}  // namespace

std::int64_t checked_weight(std::span<const MicroBatch> batches, const FineTunerOptions& options) {
  std::int64_t sum = 0;
  for (const auto& batch : batches) {
    const auto texts = batch.texts.size();
    if (texts == 0 || batch.targets.size() != texts || batch.weights.size() != texts) {
      throw Error(fmt::format("a micro-batch of {} texts, {} targets and {} weights", texts, batch.targets.size(),
                              batch.weights.size()));
    }
    for (const float target : batch.targets) check_target(target, options);
    for (const float weight : batch.weights) {
      if (!(weight >= 0 && weight <= largest_weight)) {
        throw Error(fmt::format("the weight {} of an example is not from 0 to {}", weight, largest_weight));
      }
      sum += std::llrint(static_cast<double>(weight) * weight_one);
    }
  }
  return sum;
}

double from_weight(std::int64_t weight) {
  return static_cast<double>(weight) / weight_one;
}

Dropout dropout_of(std::uint64_t seed, std::uint64_t step, std::uint64_t place, at::Device device) {
  // Another use of the seed's numbers than that of new heads and of the order of examples.
  return {hash64("dropout", seed), step, place, device};
}

PackedMicroBatch::PackedMicroBatch(const MicroBatch& micro, const PackingRules& rules, at::Device device,
                                   double whole_weight) {
  std::vector<std::size_t> order(micro.texts.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return micro.texts[a].size() < micro.texts[b].size(); });
  std::vector<SequenceView> sequences;
  std::vector<float> ordered_targets;
  std::vector<float> ordered_weights;
  for (const auto i : order) {
    sequences.push_back({micro.texts[i], {}});
    ordered_targets.push_back(micro.targets[i]);
    ordered_weights.push_back(static_cast<float>(static_cast<double>(micro.weights[i]) / whole_weight));
  }
  batch = pack(sequences, rules, device);
  targets = at::tensor(ordered_targets, at::kFloat).to(device);
  weights = at::tensor(ordered_weights, at::kFloat).to(device);
}

at::Tensor losses_of(const at::Tensor& logits, const at::Tensor& targets, ProblemType problem) {
  if (problem == ProblemType::regression) return (logits.squeeze(1) - targets).pow(2);
  return at::cross_entropy_loss(logits, targets.to(at::kLong), {}, at::Reduction::None);
}

std::vector<at::Tensor> gradients_of(const at::Tensor& loss, const std::vector<TrainedWeight>& weights) {
  std::vector<at::Tensor> leaves;
  for (const auto& weight : weights) leaves.push_back(weight.value);
  return torch::autograd::grad({loss}, leaves, {}, /*retain_graph=*/false, /*create_graph=*/false,
                               /*allow_unused=*/true);
}

bool Losses::add(const at::Tensor& each, const at::Tensor& weights) {
  const at::Tensor losses = each.detach().to(at::kCPU).contiguous();
  const at::Tensor shares = weights.to(at::kCPU).contiguous();
  double sum = 0;
  for (std::int64_t i = 0; i < losses.numel(); ++i) {
    sum +=
        static_cast<double>(losses.const_data_ptr<float>()[i]) * static_cast<double>(shares.const_data_ptr<float>()[i]);
  }
  const std::lock_guard lock(mutex_);
  const bool good = std::isfinite(sum) && sum < largest_loss;
  if (good) {
    sum_ += to_fixed(sum);
  } else {
    ++bad_;
  }
  return good;
}

Autocast::Autocast(at::Device device, bool on) : device_(device.type()), on_(on) {
  if (!on) return;
  at::autocast::set_autocast_dtype(device_, at::kBFloat16);
  // Each weight is used once in a micro-batch, and threads would share what is cached.
  at::autocast::set_autocast_cache_enabled(false);
  at::autocast::set_autocast_enabled(device_, true);
}

Autocast::~Autocast() {
  if (on_) at::autocast::set_autocast_enabled(device_, false);
}

}  // namespace farpoint::models
