// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "centres.hpp"
#include "farpoint/select/k_center.hpp"
#include "screening.hpp"

namespace farpoint::select {

/// The order of choice: the larger value first, the lower id on ties.
struct Key {
  double value = -std::numeric_limits<double>::infinity();
  std::uint64_t id = std::numeric_limits<std::uint64_t>::max();

  bool before(const Key& other) const { return value > other.value || (value == other.value && id < other.id); }
};

struct Candidate {
  Key key;
  std::uint32_t row = 0;
};

/// What this rank knows of its rows' D, the smallest canonical value to any centre.
///
/// A row holds an upper bound on D and a number `applied`: centres [0, applied) are in the bound canonically, later
/// ones by their screening bound, if at all. D = min(bound, canonical values of the later centres), always: where the
/// bound came from a screening bound, the centre behind it is among the later ones and is not farther than that. So
/// bound and count are enough to make a row exact, and nothing is computed for rows that never come near the top.
class RowBounds {
 public:
  RowBounds(const Vectors& vectors, const Screening& screening, const Centres& centres);

  std::size_t size() const { return bounds_.size(); }
  std::uint64_t id(std::size_t row) const { return vectors_.ids[row]; }
  std::span<const float> vector(std::size_t row) const { return vectors_.row(row); }
  float norm(std::size_t row) const { return norms_[row]; }
  double bound(std::size_t row) const { return bounds_[row]; }
  bool is_chosen(std::size_t row) const { return bounds_[row] == chosen; }

  /// Puts the record of this id, on whichever rank it is, before all others while there are no centres.
  void prefer(std::uint64_t first_id);
  void set_chosen(std::size_t row) { bounds_[row] = chosen; }
  /// `value` is D of the row with all centres there are now.
  void set_exact(std::size_t row, double value);

  /// The first `count` rows in the order of choice by their bounds, fewer if there are fewer; in that order.
  std::vector<Candidate> top(std::size_t count) const;

  /// Makes the bounds of these candidates exact, also in the candidates.
  void make_exact(std::span<Candidate> candidates);
  /// Makes all rows exact that come before `key` by their bounds.
  void make_exact_before(const Key& key);

  /// Lowers all bounds by the centres from `first` on: one blocked product, fused with the maximum over centres.
  void apply(std::size_t first);

 private:
  static constexpr double chosen = -std::numeric_limits<double>::infinity();

  void apply_to_block(std::size_t begin, std::size_t count, std::size_t first, float longest, std::span<float> work);
  void lower_bound_of(std::size_t row, std::size_t first, float longest, float affinity);

  Vectors vectors_;
  const Screening& screening_;
  const Centres& centres_;
  std::vector<double> bounds_;
  std::vector<std::uint32_t> applied_;
  std::vector<float> norms_;
};

}  // namespace farpoint::select
