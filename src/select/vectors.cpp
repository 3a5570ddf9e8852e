// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/vectors.hpp"

#include <numeric>

namespace farpoint::select {

RowBlock::RowBlock(const Vectors& vectors, std::size_t capacity)
    : vectors_(vectors),
      scratch_(vectors.in_memory() ? 0 : capacity * vectors.dimension()),
      pointers_(capacity),
      range_(vectors.in_memory() ? 0 : capacity) {}

std::span<const float* const> RowBlock::load(std::span<const std::uint32_t> rows) {
  if (vectors_.in_memory()) {
    for (std::size_t i = 0; i < rows.size(); ++i) pointers_[i] = vectors_.row(rows[i]).data();
  } else {
    vectors_.reader().read(rows, std::span(scratch_).first(rows.size() * vectors_.dimension()));
    // Not once for all: a copy of this has scratch of its own.
    for (std::size_t i = 0; i < rows.size(); ++i) pointers_[i] = scratch_.data() + i * vectors_.dimension();
  }
  return std::span(pointers_).first(rows.size());
}

std::span<const float* const> RowBlock::load_range(std::size_t begin, std::size_t count) {
  if (vectors_.in_memory()) {
    for (std::size_t i = 0; i < count; ++i) pointers_[i] = vectors_.row(begin + i).data();
    return std::span(pointers_).first(count);
  }
  const auto rows = std::span(range_).first(count);
  std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(begin));
  return load(rows);
}

}  // namespace farpoint::select
