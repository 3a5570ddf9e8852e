// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "farpoint/select/vectors.hpp"
#include "screening.hpp"

namespace farpoint::select {

struct NearRow {
  double value = 0;  ///< canonical
  std::uint32_t row = 0;

  bool operator<(const NearRow& other) const { return std::tie(value, row) < std::tie(other.value, other.row); }
};

/// Targets of one search, row by row, and how many rows each asks for: at least one.
struct TargetRows {
  std::span<const float> vectors;
  std::span<const std::size_t> wanted;
};

/// For each target the first of `rows` by canonical value, the lower row on ties, in that order: as many as it wants,
/// or all. On all threads; single-precision products rule out most pairs. Memory a thread: about 100 bytes for each row
/// wanted.
std::vector<std::vector<NearRow>> nearest_rows(const Vectors& pool, const Screening& screening,
                                               std::span<const std::uint32_t> rows, const TargetRows& targets);

}  // namespace farpoint::select
