// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "learn/linear_data.hpp"

namespace farpoint::learn {

/// What fit_linear() looks for, in the plainest way.
struct Reference {
  long double loss = 0;
  std::uint64_t width = 0;
  std::vector<long double> parameters;  ///< [outputs, width + 1] of the standardised features, the bias last
  std::vector<long double> mean, deviation;

  /// Probabilities (of label 1, or of each class), or the grade.
  std::vector<double> predict(std::span<const float> row) const;
  Task task = Task::binary;
};

/// By Newton's method with long double sums, on examples whose features all vary. For l2 > 0.
Reference fit_by_newton(const Sample& sample, const LinearOptions& options);

/// The same of a model: what users get from it.
std::vector<double> predict(const LinearModel& model, Task task, std::span<const float> row);

}  // namespace farpoint::learn
