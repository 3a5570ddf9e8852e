// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "farpoint/learn/linear.hpp"

namespace farpoint::learn {

/// Examples that own their numbers.
struct Sample {
  std::uint64_t width = 0;
  std::vector<float> rows;
  std::vector<double> targets;
  std::vector<double> weights;

  std::size_t size() const { return targets.size(); }
  Examples view() const { return {rows, width, targets, weights}; }
  std::span<const float> row(std::size_t i) const { return std::span(rows).subspan(i * width, width); }
  /// Those of these places, in this order.
  Sample at(const std::vector<std::size_t>& places) const;
  /// Those for which it holds.
  Sample where(const std::function<bool(std::size_t)>& holds) const;
};

/// The examples of tests/golden/make_linear_goldens.py.
constexpr std::size_t golden_size = 240;
double golden_uniform(std::uint64_t i, std::uint64_t j);
double golden_target(Task task, std::size_t i);
Sample golden_sample(Task task, bool weighted);

/// Others: `size` of `width` features, of which some are copies of others, with the labels 0 to 2, 0 and 1, or grades.
Sample random_sample(std::uint64_t seed, std::size_t size, std::uint64_t width, Task task);

/// What one process learns of all of them.
Fit fit_alone(const Sample& sample, const LinearOptions& options);

LinearOptions options_of(Task task, double l2 = 1e-3, double tolerance = 1e-9);

}  // namespace farpoint::learn
