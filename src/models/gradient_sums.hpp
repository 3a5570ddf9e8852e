// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "trained_weights.hpp"

namespace farpoint::models {

/// Gradients, summed over micro-batches and ranks as whole multiples of 2^-40: so the sum does not depend on its
/// order. 2^-40 is 1/10,000 of what AdamW takes for nothing (its eps). The sums hold up to 2^22.
///
/// Costs 8 bytes a number, but of tables only for the rows that have a gradient. Rows of tables lie in the machine's
/// memory also when the weights are on a GPU.
class GradientSums {
 public:
  /// `weights` must outlive this.
  explicit GradientSums(const std::vector<TrainedWeight>& weights);
  ~GradientSums();

  /// Adds those of a micro-batch, one a weight; undefined ones are 0. Safe on several threads.
  void add(const std::vector<at::Tensor>& gradients);
  /// The greatest of their numbers, added up over the calls of add(), and rounded up; what is not finite or too large
  /// counts so much that it shows. While the sum over all ranks is below limit(), the sums are right.
  std::int64_t greatest() const { return greatest_; }
  static std::int64_t limit();

  /// Adds up over ranks, in pieces of 8 MB. Collective.
  void reduce(comm::Communicator& comm);
  /// Of all of them together as one vector. The same at any number of threads.
  double norm() const;
  /// Numbers [begin, begin + out.size()) of a weight's gradient, its rows one after the other. Not on a GPU.
  void read(std::size_t weight, std::int64_t begin, std::span<float> out) const;
  /// All of a weight's gradient, on its device.
  at::Tensor gradient(std::size_t weight) const;
  void clear();

 private:
  struct Sum;
  std::int64_t add_dense(Sum& sum, const at::Tensor& gradient);
  std::int64_t add_rows(Sum& sum, const at::Tensor& gradient);

  const std::vector<TrainedWeight>& weights_;
  std::vector<std::unique_ptr<Sum>> sums_;
  std::mutex mutex_;
  std::int64_t greatest_ = 0;
};

/// A fixed-point number of 2^-40; `value` below 2^22.
std::int64_t to_fixed(double value);
double from_fixed(std::int64_t value);

}  // namespace farpoint::models
