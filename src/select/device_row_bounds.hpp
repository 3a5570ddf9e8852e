// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "device_search.hpp"
#include "device_selection.hpp"
#include "device_vectors.hpp"
#include "row_bounds.hpp"

namespace farpoint::select {

/// On an accelerator: rows, centres and bounds lie in its memory. What travels are histograms, the first rows in the
/// order of choice, and new centres. The bounds mean what they do in CpuRowBounds, and the same rows are screened and
/// made exact in another schedule.
class DeviceRowBounds final : public RowBounds {
 public:
  /// Copies the rows. Throws UsageError when they do not fit together with `picks` centres.
  DeviceRowBounds(Accelerator& accelerator, const Candidates& pool, const Screening& screening, const Centres& centres,
                  std::uint64_t picks, KCenterCosts& costs);

  std::vector<double> bounds_of(std::span<const Candidate> candidates) const override;
  std::vector<Candidate> top(std::size_t count) override;
  void make_exact(std::span<Candidate> candidates) override;
  void make_exact_before(const Key& key) override;
  void settle(std::span<const Outcome> outcomes) override;
  std::vector<std::uint64_t> nearest_labels() const override;

 private:
  /// What the accelerator knows of some rows.
  struct Known {
    std::vector<double> bounds;
    std::vector<std::uint32_t> applied;
  };
  Known gather(std::span<const std::uint32_t> rows) const;

  OrderView order() const;
  BoundsView bounds_view() const;
  /// All rows against all centres.
  ProductView all_products() const;
  /// Rows that are looked at, and whose number in `counts` is that of the centres, or is not.
  RowFilter filter(const DeviceArray<std::uint32_t>& counts, bool complete) const;

  /// Lowers the bounds of the rows in the selection's list by the centres they have missed.
  void screen(std::size_t count);
  /// Sorts the list by how many centres the rows have seen; how many rows have seen so many.
  std::vector<std::uint32_t> sort_by_age(std::size_t count);
  std::vector<Candidate> listed(std::size_t count) const;
  /// D of these rows; at most DeviceSearch::most_queries, with centres [applied, count) still to measure.
  std::vector<double> make_rows_exact(std::span<const std::uint32_t> rows, std::span<const std::uint32_t> applied);
  void assign_undecided(std::size_t count) const;

  Accelerator& accelerator_;
  DeviceRows rows_;
  mutable DeviceCentres centres_;
  mutable DeviceSearch search_;
  mutable DeviceSelection selection_;
  DeviceArray<double> bounds_;
  DeviceArray<std::uint32_t> applied_, screened_;  ///< as in CpuRowBounds
  // empty where there are none
  DeviceArray<double> weights_;
  DeviceArray<std::uint32_t> label_of_row_;
  DeviceArray<std::uint8_t> barred_;
  DeviceArray<std::uint8_t> is_open_;
  // room for a call
  mutable DeviceArray<std::uint32_t> asked_rows_, asked_applied_;
  mutable DeviceArray<double> asked_bounds_;
  DeviceArray<std::uint64_t> asked_values_;
  DeviceArray<std::uint32_t> ages_, sorted_;
  mutable DeviceArray<std::uint64_t> nearest_;
  std::vector<std::uint32_t> chosen_rows_;
  bool is_begun_ = false;  ///< rows have been screened
};

}  // namespace farpoint::select
