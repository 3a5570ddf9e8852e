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

/// The order of choice: the larger value (D times the weight) first, the lower id on ties.
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
/// bound and count are enough to make a row exact.
///
/// D only falls, so an old bound is still a bound. Rows whose old bound does not reach the top are left alone; when the
/// top comes down to them they are screened against all centres that they have missed, in one product.
class RowBounds {
 public:
  /// Counts what it does in `costs`.
  RowBounds(const Candidates& pool, const Screening& screening, const Centres& centres, KCenterCosts& costs);

  std::size_t size() const { return bounds_.size(); }
  std::uint64_t id(std::size_t row) const { return vectors_.id(row); }
  const Vectors& vectors() const { return vectors_; }
  const Charges& charges() const { return pool_.charges; }
  double bound(std::size_t row) const { return bounds_[row]; }
  /// What canonical values are multiplied by: the score; under l2, where they are squares, its square.
  double weight(std::size_t row) const { return weights_.empty() ? 1 : weights_[row]; }
  float norm(std::size_t row) const { return norms_[row]; }
  bool is_chosen(std::size_t row) const { return bounds_[row] == chosen; }

  /// From now on top() and make_exact_before() look only at rows that are not barred and whose label is open.
  void look_at_open(const Ledger& ledger);
  /// From now on they look at all rows.
  void look_at_all();
  bool is_looked_at(std::size_t row) const {
    return looks_at_all_ ||
           ((pool_.barred.empty() || pool_.barred[row] == 0) && (is_open_.empty() || is_open_[charges().label(row)]));
  }

  /// Those of these records that are here.
  std::vector<Candidate> find(std::span<const std::uint64_t> ids) const;
  void set_chosen(std::size_t row) { bounds_[row] = chosen; }
  /// Centres [0, applied) are in the bound canonically.
  std::uint32_t applied(std::size_t row) const { return applied_[row]; }
  /// `value` is D of the row with the first `centres` centres.
  void set_exact(std::size_t row, double value, std::size_t centres);

  /// The first `count` of the rows that are looked at, in the order of choice by their bounds, fewer if there are
  /// fewer; in that order. Their bounds are up to date: rows that may belong to them are screened first.
  std::vector<Candidate> top(std::size_t count);

  /// Makes the bounds of these candidates exact, also in the candidates.
  void make_exact(std::span<Candidate> candidates);
  /// Makes all rows exact that come before `key` by their bounds.
  void make_exact_before(const Key& key);

 private:
  static constexpr double chosen = -std::numeric_limits<double>::infinity();

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

  /// The row's place in the order of choice; that of a chosen one if it is not looked at.
  double order_value(std::size_t row) const {
    if (is_plain_) return bounds_[row];
    return is_looked_at(row) ? weight(row) * bounds_[row] : chosen;
  }

  Candidates pool_;
  Vectors vectors_;
  const Screening& screening_;
  const Centres& centres_;
  KCenterCosts& costs_;
  bool looks_at_all_ = true;
  bool is_plain_ = true;               ///< all rows are looked at, and none has a weight
  std::vector<std::uint8_t> is_open_;  ///< by label
  std::vector<double> weights_;        ///< empty: all 1
  std::vector<double> bounds_;
  std::vector<std::uint32_t> applied_;
  std::vector<std::uint32_t> screened_;  ///< centres [0, screened) are in the bound, canonically or by screening
  std::vector<float> norms_;
  std::vector<RowBlock> row_blocks_;  ///< one a thread
};

}  // namespace farpoint::select
