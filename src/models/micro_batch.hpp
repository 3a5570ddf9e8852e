// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <mutex>
#include <span>
#include <vector>

#include "dropout.hpp"
#include "farpoint/models/fine_tuner.hpp"
#include "packed_batch.hpp"
#include "trained_weights.hpp"

namespace farpoint::models {

/// The sum of the examples' weights, as a whole number that ranks may add up. Throws Error for weights and targets out
/// of range, and where there are not as many of each.
std::int64_t checked_weight(std::span<const MicroBatch> batches, const FineTunerOptions& options);
double from_weight(std::int64_t weight);

Dropout dropout_of(std::uint64_t seed, std::uint64_t step, std::uint64_t place, at::Device device);

/// Texts of one length side by side, and what belongs to them, on the model's device.
struct PackedMicroBatch {
  PackedBatch batch;
  at::Tensor targets;  ///< float32 [texts]
  at::Tensor weights;  ///< float32 [texts], as shares of `whole_weight`

  PackedMicroBatch(const MicroBatch& micro, const PackingRules& rules, at::Device device, double whole_weight);
};

/// [texts], of logits [texts, labels] in float32.
at::Tensor losses_of(const at::Tensor& logits, const at::Tensor& targets, model_files::ProblemType problem);

/// Of a loss, one a weight; undefined where it has none. Does not touch what other threads see.
std::vector<at::Tensor> gradients_of(const at::Tensor& loss, const std::vector<TrainedWeight>& weights);

/// The losses of this rank's micro-batches, added up as whole numbers (to_fixed()). Safe on several threads.
class Losses {
 public:
  /// False when it is not finite or too large, and was not added.
  bool add(const at::Tensor& each, const at::Tensor& weights);
  std::int64_t sum() const { return sum_; }
  std::int64_t bad() const { return bad_; }  ///< micro-batches that were not added

 private:
  std::mutex mutex_;
  std::int64_t sum_ = 0;
  std::int64_t bad_ = 0;
};

/// While it lives, this thread's products are computed in bfloat16 where `on`, and their gradients are float32 again.
class Autocast {
 public:
  Autocast(at::Device device, bool on);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  at::DeviceType device_;
  bool on_;
};

}  // namespace farpoint::models
