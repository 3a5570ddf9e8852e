// SPDX-License-Identifier: Apache-2.0
#include <omp.h>

#include "farpoint/select/k_center.hpp"
#include "pool_size.hpp"
#include "row_bounds.hpp"

namespace farpoint::select {

namespace {

/// A vector that grows holds its old place too while it moves to one of twice the size.
constexpr std::uint64_t growing = 3;

// RowBounds' five numbers; and once, when no row has seen the first centres, lists of them all: by threads, and
// together.
constexpr std::uint64_t bytes_a_row = 28 + (growing + 2) * sizeof(Candidate) + sizeof(std::uint32_t);
// Label and norms; the entry of the table that finds copies; id and distance; with assignment its weight and the entry
// of the table that counts it.
constexpr std::uint64_t bytes_a_centre = growing * 16 + 56 + growing * 16 + 56;
constexpr std::uint64_t bytes_a_pool_record = 64;
// Blocks of products, and what the BLAS library packs. The rows of a block of queries come on top.
constexpr std::uint64_t bytes_a_thread = 4U << 20;
constexpr std::uint64_t rows_a_thread = 32;
constexpr std::uint64_t bytes_of_batches = 4U << 20;

}  // namespace

std::uint64_t k_center_memory(std::uint64_t rows, std::uint64_t dimension, std::uint64_t picks, std::uint64_t curated,
                              std::uint64_t pool_size) {
  const std::uint64_t vector = dimension * sizeof(float);
  const auto threads = static_cast<std::uint64_t>(omp_get_max_threads());
  // Centres lie in memory as rows and as panels. The curated vectors are gathered, and then become centres one by one.
  return rows * bytes_a_row + (picks + curated) * (2 * vector + bytes_a_centre) + curated * vector +
         PoolSize::most_growth * pool_size * 3 * (vector + bytes_a_pool_record) +
         threads * (bytes_a_thread + rows_a_thread * vector) + bytes_of_batches;
}

}  // namespace farpoint::select
