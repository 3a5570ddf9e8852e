// SPDX-License-Identifier: Apache-2.0
#include "coverage_sample.hpp"

#include <algorithm>

#include "assignment.hpp"
#include "farpoint/base/random.hpp"
#include "farpoint/select/random.hpp"

namespace farpoint::select {

namespace {

constexpr std::uint64_t sample_stream = 0x636f766572616765;  // "coverage": own numbers for the same seed
constexpr std::size_t block_rows = 4096;

}  // namespace

SampledRows::SampledRows(comm::Communicator& comm, const Vectors& pool, std::uint64_t count, std::uint64_t seed)
    : dimension_(pool.dimension()) {
  const auto drawn = random_subset(comm, pool.ids(), count, random_bits(seed, sample_stream, 0));
  for (const std::size_t row : rows_of(pool.ids(), drawn)) rows_.push_back(static_cast<std::uint32_t>(row));
  std::sort(rows_.begin(), rows_.end());
  ids_.reserve(rows_.size());
  for (const std::uint32_t row : rows_) ids_.push_back(pool.id(row));
  vectors_.reserve(rows_.size() * dimension_);
  RowBlock block(pool, std::min(block_rows, rows_.size()));
  for (std::size_t begin = 0; begin < rows_.size(); begin += block_rows) {
    const auto numbers = std::span(rows_).subspan(begin, std::min(block_rows, rows_.size() - begin));
    for (const float* row : block.load(numbers)) vectors_.insert(vectors_.end(), row, row + dimension_);
  }
}

}  // namespace farpoint::select
