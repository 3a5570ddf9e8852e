// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "farpoint/comm/communicator.hpp"

namespace farpoint::learn {

/// What a label is: one of two, one of several that exclude each other, or a grade.
enum class Task : std::uint8_t { binary, classes, grade };

/// This rank's examples; any rank may have any of them, or none.
struct Examples {
  std::span<const float> rows;      ///< [examples, width], row-major, finite
  std::uint64_t width = 0;          ///< the same on every rank
  std::span<const double> targets;  ///< [examples]: 0 or 1 (binary), 0 to classes - 1, or the grade
  std::span<const double> weights;  ///< [examples], not negative: how much each counts in the mean loss
};

struct LinearOptions {
  Task task = Task::binary;
  std::uint64_t classes = 2;  ///< Task::classes
  double l2 = 1e-4;           ///< times half the squared weights of the standardised features, added to the mean loss
  std::uint64_t max_iterations = 1000;  ///< at least 1
  double tolerance = 1e-5;  ///< ends when the gradient's norm falls below this times max(1, norm of the weights)
};

/// outputs() numbers of a row: weights . row + bias.
struct LinearModel {
  std::uint64_t width = 0;
  std::vector<double> weights;  ///< [outputs, width], row-major, of the features as they come (not standardised)
  std::vector<double> biases;   ///< [outputs]: 1 (binary: the log-odds of label 1; grade), or the number of classes

  std::uint64_t outputs() const { return biases.size(); }
  /// float64, in index order.
  std::vector<double> outputs_of(std::span<const float> row) const;
};

struct Fit {
  LinearModel model;
  double loss = 0;  ///< mean over the examples, with the penalty
  std::uint64_t iterations = 0;
  bool converged = false;
};

/// Logistic (binary), softmax (classes) or least-squares (grade) regression with an L2 penalty on all but the bias,
/// by L-BFGS (Liu and Nocedal 1989); features are standardised inside, constant ones count nothing. docs/classifiers.md
/// says it exactly. An example of weight 2 counts as two, one of weight 0 as none, but for its features being checked.
/// Throws comm::AgreedError when there are no examples of some label or all weights are 0, and for numbers that are not
/// as above, which it names. The same bits for any distribution of the examples over ranks and any number of threads,
/// and for any order of theirs. Collective; two passes over the examples to standardise, then one or two an iteration,
/// each with one reduction of outputs * (width + 1) + 1 numbers. Copies nothing of the examples but their weights.
Fit fit_linear(comm::Communicator& comm, const Examples& examples, const LinearOptions& options);

/// 1 / (1 + exp(-x)), without overflow.
double sigmoid(double x);
/// Probabilities that sum to 1. In place.
void softmax(std::span<double> logits);

}  // namespace farpoint::learn
