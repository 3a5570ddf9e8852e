// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "row_bounds.hpp"

namespace farpoint::select {

/// On this processor's cores.
///
/// A row holds an upper bound on D and a number `applied`: centres [0, applied) are in the bound canonically, later
/// ones by their screening bound, if at all. D = min(bound, canonical values of the later centres), always: where the
/// bound came from a screening bound, the centre behind it is among the later ones and is not farther than that. So
/// bound and count are enough to make a row exact.
///
/// D only falls, so an old bound is still a bound. Rows whose old bound does not reach the top are left alone; when the
/// top comes down to them they are screened against all centres that they have missed, in one product.
class CpuRowBounds final : public RowBounds {
 public:
  CpuRowBounds(const Candidates& pool, const Screening& screening, const Centres& centres, KCenterCosts& costs);

  float norm(std::size_t row) const { return norms_[row]; }
  bool is_chosen(std::size_t row) const { return bounds_[row] == chosen; }

  std::vector<double> bounds_of(std::span<const Candidate> candidates) const override;
  std::vector<Candidate> top(std::size_t count) override;
  void make_exact(std::span<Candidate> candidates) override;
  void make_exact_before(const Key& key) override;
  void settle(std::span<const Outcome> outcomes) override;
  std::vector<std::uint64_t> nearest_labels() const override;

 private:
  /// Rows that all have the bounds of the same centres.
  struct Block {
    std::span<const std::uint32_t> rows;
    float longest = 0;  ///< the largest norm of the centres that they have missed
  };

  struct Tops {
    std::vector<Candidate> current;  ///< the first up-to-date rows in the order of choice, in that order
    std::vector<Candidate> stale;    ///< the first of the others, in any order
  };
  /// One look at all rows, on all threads. At most so many of each kind, with a bound of `least` or more.
  Tops scan(std::size_t most_current, std::size_t most_stale, double least) const;
  /// Lowers the bounds of these rows by the centres they have missed.
  void screen(std::vector<std::uint32_t> rows);
  void make_all_exact(std::span<Candidate* const> candidates);
  std::vector<Block> make_blocks(std::span<const std::uint32_t> rows) const;
  void screen_block(const Block& block, RowBlock& rows);
  void lower_bound_of(std::size_t row, float longest, float affinity);
  /// `value` is D of the row with the first `centres` centres.
  void set_exact(std::size_t row, double value, std::uint32_t centres);

  /// The row's place in the order of choice; that of a chosen one if it is not looked at.
  double order_value(std::size_t row) const {
    if (is_plain()) return bounds_[row];
    return is_looked_at(row) ? weight(row) * bounds_[row] : chosen;
  }

  std::vector<double> bounds_;
  std::vector<std::uint32_t> applied_;
  std::vector<std::uint32_t> screened_;  ///< centres [0, screened) are in the bound, canonically or by screening
  std::vector<float> norms_;
  std::vector<RowBlock> row_blocks_;  ///< one a thread
};

}  // namespace farpoint::select
