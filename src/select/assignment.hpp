// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "affinities.hpp"
#include "centres.hpp"
#include "cpu_row_bounds.hpp"
#include "exact_search.hpp"
#include "farpoint/comm/communicator.hpp"
#include "farpoint/select/assignment.hpp"
#include "screening.hpp"

namespace farpoint::select {

/// Finds the nearest centres of blocks of rows, on one thread.
class Assigner {
 public:
  static constexpr std::size_t block_rows = 64;

  /// At least one centre.
  Assigner(const Screening& screening, const Centres& centres);

  /// nearest[i] becomes the centre of the smallest canonical value to rows[i], the one of the smallest label on ties;
  /// values[i] that value, unless `values` is empty: they cost an evaluation a row. At most block_rows rows, with their
  /// screening_norm(). Allocates nothing.
  void assign(std::span<const float* const> rows, std::span<const float> norms, std::span<std::uint32_t> nearest,
              std::span<double> values);

 private:
  bool is_decided(float norm, const TopTwo& top) const;
  void measure(std::span<const float* const> rows, std::span<const std::uint32_t> nearest,
               std::span<const std::size_t> which, std::span<double> values) const;

  const Screening& screening_;
  const Centres& centres_;
  ExactSearcher searcher_;
  std::array<TopTwo, block_rows> top_{};
  std::array<Query, block_rows> queries_;
  std::array<std::size_t, block_rows> asking_{};
  std::array<std::size_t, block_rows> decided_{};
  bool can_screen_;
};

/// labels[i] becomes the label of the centre that is nearest to row i by canonical value, the smallest on ties;
/// values[i] that value, unless `values` is empty. At least one centre. All threads.
void nearest_centres(const Vectors& rows, const Screening& screening, const Centres& centres,
                     std::span<std::uint64_t> labels, std::span<double> values);

/// For every row of this rank the label of its nearest centre by canonical value, the smallest on ties; a chosen
/// record's own id; curated_representative where there are no centres. `values`, if not empty, become what
/// Assignment::values are.
std::vector<std::uint64_t> nearest_labels(const CpuRowBounds& rows, const Screening& screening, const Centres& centres,
                                          std::span<double> values = {});

/// Collective. How often each of `ids` occurs in all ranks' `labels`.
std::vector<std::uint64_t> count_labels(comm::Communicator& comm, std::span<const std::uint64_t> labels,
                                        std::span<const std::uint64_t> ids);

/// The vectors of chosen records, the same on every rank.
class ChosenCentres {
 public:
  /// Collective; two calls, and four for every few thousand chosen records, whose vectors come from their owners.
  /// Throws comm::AgreedError for chosen ids that no rank has, or that are there twice.
  ChosenCentres(comm::Communicator& comm, Metric metric, const Vectors& pool, std::span<const std::uint64_t> chosen,
                std::span<const float> curated);
  ChosenCentres(const ChosenCentres&) = delete;
  ChosenCentres& operator=(const ChosenCentres&) = delete;

  const Screening& screening() const { return screening_; }
  const Centres& centres() const { return centres_; }

 private:
  void gather(comm::Communicator& comm, const Vectors& pool, std::span<const std::uint64_t> chosen);

  Screening screening_;
  Centres centres_;
};

/// The first two fields of the rows' Assignment. `chosen` are the ids that represent themselves; not all need to be in
/// `rows`. Not collective.
Assignment assign_rows(const ChosenCentres& centres, const Vectors& rows, std::span<const std::uint64_t> chosen);

/// The rows of those of `chosen` that this rank has, in order of choice. `ids` are ascending.
std::vector<std::size_t> rows_of(std::span<const std::uint64_t> ids, std::span<const std::uint64_t> chosen);

}  // namespace farpoint::select
