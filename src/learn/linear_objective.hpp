// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/learn/linear.hpp"
#include "standard_examples.hpp"

namespace farpoint::learn {

/// What fit_linear() makes small: the mean loss over the examples of all ranks, plus the penalty. A function of the
/// parameters [outputs, width + 1]: the weights of the standardised features, then the bias. Grades are standardised,
/// too. `examples` must live as long.
class LinearObjective {
 public:
  LinearObjective(comm::Communicator& comm, const StandardExamples& examples, const LinearOptions& options);

  std::size_t outputs() const { return outputs_; }
  std::size_t size() const { return outputs_ * (examples_.width() + 1); }
  /// Returns the value, and sets the gradient, both [size()]. The same bits for the same examples, wherever they are
  /// and in whatever order. Collective: one pass and one reduction.
  double evaluate(std::span<const double> parameters, std::span<double> gradient);

 private:
  /// Sums of units over the examples that one thread has seen.
  struct Sums {
    std::vector<std::int64_t> weights;  ///< [outputs, stride]
    std::vector<std::int64_t> biases;   ///< [outputs]
    std::int64_t loss = 0;
    std::vector<double> block;      ///< [block_rows, stride]
    std::vector<double> products;   ///< [outputs, block_rows]
    std::vector<double> residuals;  ///< [outputs, block_rows]
  };
  struct Units;

  void scale_weights(std::span<const double> parameters);
  double largest_output() const;
  void add_block(std::size_t first, const Units& units, Sums& sums) const;
  double loss_of(std::size_t i, std::size_t row, Sums& sums) const;
  std::vector<std::int64_t> add_up(const std::vector<Sums>& partials) const;

  comm::Communicator& comm_;
  const StandardExamples& examples_;
  LinearOptions options_;
  std::size_t outputs_;
  std::vector<double> scaled_;  ///< [outputs, stride] weights of the features as a block has them
  std::vector<double> biases_;  ///< [outputs]
};

}  // namespace farpoint::learn
