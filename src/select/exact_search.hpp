// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "canonical_batch.hpp"
#include "centres.hpp"
#include "screening.hpp"

namespace farpoint::select {

constexpr std::uint32_t no_centre = std::numeric_limits<std::uint32_t>::max();

/// A row that asks for its nearest centre among those from `first` on.
struct Query {
  const float* row = nullptr;
  float norm = 0;  ///< screening_norm of the row
  std::uint32_t first = 0;
  /// In: what is known; only centres at most this far are of interest. Out: the smallest canonical value.
  double value = std::numeric_limits<double>::infinity();
  /// Out: the centre of that value, the one with the smallest label on ties; as it was if none is at most so far.
  std::uint32_t centre = no_centre;
};

/// Answers queries on one thread. Products in single precision rule out most centres; the others are measured
/// canonically, so the answers do not depend on how the products were rounded.
class ExactSearcher {
 public:
  ExactSearcher(const Screening& screening, const Centres& centres);

  /// Allocates nothing.
  void search(std::span<Query> queries);

 private:
  void search_block(std::span<Query> queries);
  void search_row(Query& query, std::size_t first, std::span<const float> row_products);
  void measure_later(Query& query, std::size_t centre);
  void measure_pending(Query& query);
  void keep_nearer(Query& query, double value, std::uint32_t centre) const;

  const Screening& screening_;
  const Centres& centres_;
  std::vector<float> rows_;
  std::vector<float> products_;
  std::array<std::uint32_t, canonical_lanes> pending_{};
  std::size_t pending_count_ = 0;
};

/// Answers all queries on all threads.
void search_exactly(const Screening& screening, const Centres& centres, std::span<Query> queries);

}  // namespace farpoint::select
