// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/learn/linear.hpp"
#include "linear_kernels.hpp"

namespace farpoint::learn {

/// Where the values of a column lie, over the examples of all ranks, as their weights count them. Columns that do not
/// vary, or less than by a millionth of their range, have deviation 0.
struct Spread {
  double mean = 0;
  double reach = 0;      ///< the farthest that a value lies from the mean
  double deviation = 0;  ///< standard deviation

  bool varies() const { return deviation > 0; }
  /// The farthest in standard deviations.
  double largest() const { return varies() ? reach / deviation : 0; }
};

/// Examples as a fit sees them, whatever their scale: weights up to 1, and features as deviations from the mean in
/// units of the largest, so between -1 and 1. Nothing but the weights is copied.
class StandardExamples {
 public:
  /// Checks the examples. Throws comm::AgreedError. Collective.
  StandardExamples(comm::Communicator& comm, const Examples& examples, const LinearOptions& options);

  std::size_t size() const { return weights_.size(); }  ///< of this rank
  std::size_t width() const { return spreads_.size(); }
  std::size_t stride() const { return padded(width()); }
  double total_weight() const { return total_weight_; }
  /// [labels] its share of the total weight; not of grades.
  const std::vector<double>& label_shares() const { return label_shares_; }
  const std::vector<Spread>& spreads() const { return spreads_; }
  const Spread& target_spread() const { return target_spread_; }

  double weight(std::size_t i) const { return weights_[i]; }
  std::size_t label(std::size_t i) const { return static_cast<std::size_t>(examples_.targets[i]); }
  /// In standard deviations from the mean; 0 if all are the same.
  double grade(std::size_t i) const;
  /// Fills a block with the examples from `first` on, as many as there are, at most block_rows. Returns how many.
  std::size_t load_block(std::size_t first, double* block) const;

 private:
  void weigh(comm::Communicator& comm, const LinearOptions& options);
  void measure_spreads(comm::Communicator& comm, const std::vector<float>& least, const std::vector<float>& greatest);
  void measure_target(comm::Communicator& comm);

  Examples examples_;
  std::vector<double> weights_;
  double total_weight_ = 0;
  std::vector<double> label_shares_;
  std::vector<Spread> spreads_;
  std::vector<double> centres_, factors_;  ///< of scale_row()
  Spread target_spread_;
};

}  // namespace farpoint::learn
