// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "centres.hpp"
#include "farpoint/select/k_center.hpp"
#include "screening.hpp"

namespace farpoint::select {

class Accelerator;

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

/// What a pass found out about a row.
struct Outcome {
  std::uint32_t row = 0;
  bool is_chosen = false;
  double value = 0;  ///< unless it is chosen: D with the first `centres` centres
  std::uint32_t centres = 0;
};

/// What this rank knows of its rows' D, the smallest canonical value to any centre: an upper bound for each. They are
/// kept by the processor that has the rows; all calls are for many rows.
class RowBounds {
 public:
  virtual ~RowBounds() = default;
  RowBounds(const RowBounds&) = delete;
  RowBounds& operator=(const RowBounds&) = delete;

  std::size_t size() const { return vectors_.size(); }
  std::uint64_t id(std::size_t row) const { return vectors_.id(row); }
  const Vectors& vectors() const { return vectors_; }
  const Charges& charges() const { return pool_.charges; }
  /// What canonical values are multiplied by: the score; under l2, where they are squares, its square.
  double weight(std::size_t row) const { return weights_.empty() ? 1 : weights_[row]; }

  /// From now on top() and make_exact_before() look only at rows that are not barred and whose label is open.
  void look_at_open(const Ledger& ledger);
  /// From now on they look at all rows.
  void look_at_all();
  bool is_looked_at(std::size_t row) const {
    return looks_at_all_ ||
           ((pool_.barred.empty() || pool_.barred[row] == 0) && (is_open_.empty() || is_open_[charges().label(row)]));
  }

  /// How many centres there are now.
  std::uint32_t centre_count() const { return static_cast<std::uint32_t>(centres_.count()); }

  /// Those of these records that are here.
  std::vector<Candidate> find(std::span<const std::uint64_t> ids) const;
  /// Of the candidates' rows.
  virtual std::vector<double> bounds_of(std::span<const Candidate> candidates) const = 0;

  /// The first `count` of the rows that are looked at, in the order of choice by their bounds, fewer if there are
  /// fewer; in that order. Their bounds are up to date: rows that may belong to them are screened first.
  virtual std::vector<Candidate> top(std::size_t count) = 0;

  /// Makes the bounds of these candidates exact, also in the candidates.
  virtual void make_exact(std::span<Candidate> candidates) = 0;
  /// Makes all rows exact that come before `key` by their bounds.
  virtual void make_exact_before(const Key& key) = 0;
  /// Enters what a pass found out.
  virtual void settle(std::span<const Outcome> outcomes) = 0;

  /// For every row the label of its nearest centre by canonical value, the smallest on ties; a chosen record's own id;
  /// curated_representative where there are no centres.
  virtual std::vector<std::uint64_t> nearest_labels() const = 0;

 protected:
  static constexpr double chosen = -std::numeric_limits<double>::infinity();  ///< as a bound

  RowBounds(const Candidates& pool, const Screening& screening, const Centres& centres, KCenterCosts& costs);

  const Candidates& pool() const { return pool_; }
  const Screening& screening() const { return screening_; }
  const Centres& centres() const { return centres_; }
  KCenterCosts& costs() const { return costs_; }
  bool looks_at_all() const { return looks_at_all_; }
  /// All rows are looked at, and none has a weight.
  bool is_plain() const { return is_plain_; }
  /// By label; empty: all are.
  std::span<const std::uint8_t> open_labels() const { return is_open_; }
  std::span<const double> weights() const { return weights_; }

 private:
  Candidates pool_;
  Vectors vectors_;
  const Screening& screening_;
  const Centres& centres_;
  KCenterCosts& costs_;
  bool looks_at_all_ = true;
  bool is_plain_ = true;
  std::vector<std::uint8_t> is_open_;
  std::vector<double> weights_;  ///< empty: all 1
};

/// The bounds kept by the accelerator, or by this processor where there is none. Counts what it does in `costs`.
/// Throws UsageError when the rows do not fit into the accelerator's memory together with `picks` centres.
std::unique_ptr<RowBounds> make_row_bounds(Accelerator* accelerator, const Candidates& pool, const Screening& screening,
                                           const Centres& centres, std::uint64_t picks, KCenterCosts& costs);

}  // namespace farpoint::select
