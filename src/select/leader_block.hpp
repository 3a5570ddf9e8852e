// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "centres.hpp"
#include "farpoint/comm/communicator.hpp"
#include "farpoint/select/vectors.hpp"
#include "screening.hpp"

namespace farpoint::select {

/// Of the records of one block those that are far from all centres: places in the block, ascending, distances, vectors.
class FarRecords {
 public:
  explicit FarRecords(std::size_t dimension) : dimension_(dimension) {}

  void reserve(std::size_t count);
  void add(std::uint64_t place, double value, std::span<const float> vector);

  std::size_t count() const { return places_.size(); }
  std::uint64_t place(std::size_t i) const { return places_[i]; }
  /// The canonical value to the nearest centre.
  double value(std::size_t i) const { return values_[i]; }
  std::span<const float> vector(std::size_t i) const { return std::span(vectors_).subspan(i * dimension_, dimension_); }

  /// Collective, two calls. All ranks' records together, in order of their places.
  FarRecords gather(comm::Communicator& comm) const;

  /// Lowers the values of the records behind `i`, which is a new centre, by their distances to it: exactly, but for
  /// those whose value is at most `near` already.
  void apply(const Screening& screening, std::size_t i, double near);

 private:
  std::size_t dimension_;
  std::vector<std::uint64_t> places_;
  std::vector<double> values_;
  std::vector<float> vectors_;
  std::vector<float> norms_;
  std::vector<float> products_;
  std::vector<std::size_t> open_;   ///< room for those that are not near yet
  std::vector<const float*> rows_;  ///< and for pointers to their vectors
};

/// Where a row of this rank stands in a block.
struct BlockRow {
  std::uint64_t place = 0;
  std::uint32_t row = 0;
};

/// Compares rows with all centres, on all threads.
class FarSearch {
 public:
  FarSearch(const Vectors& vectors, const Screening& screening, const Centres& centres);

  /// Those of `rows`, which ascend by place, whose canonical value to the nearest centre is above `near`. With
  /// `mostly_far` rows are not screened first: it does not change what is found, and is quicker where few are near.
  FarRecords find(std::span<const BlockRow> rows, double near, bool mostly_far);

 private:
  /// A row that bounds do not put near a centre, and the largest value that its nearest can have.
  struct Open {
    BlockRow row;
    double bound = std::numeric_limits<double>::infinity();
  };
  void screen(std::vector<Open>& rows, double near);
  void screen_block(std::span<Open> rows, RowBlock& block) const;
  void measure(std::span<const Open> rows, double near, FarRecords& far) const;

  Vectors vectors_;
  const Screening& screening_;
  const Centres& centres_;
  std::vector<RowBlock> row_blocks_;  ///< one a thread
};

}  // namespace farpoint::select
