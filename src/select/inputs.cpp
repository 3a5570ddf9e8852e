// SPDX-License-Identifier: Apache-2.0
#include "inputs.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "farpoint/base/error.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "screening.hpp"

namespace farpoint::select {

namespace {

constexpr std::uint64_t none = std::numeric_limits<std::uint64_t>::max();

/// What one rank says of its vectors.
struct Facts {
  std::uint64_t rows = 0;
  std::uint64_t dimension = 0;
  std::uint64_t components = 0;
  std::uint64_t not_finite = none;  ///< the first row with NaN or infinity
};

Facts facts_of(const Vectors& vectors, std::uint64_t rows) {
  Facts facts{rows, vectors.dimension, vectors.rows.size()};
  if (facts.components != facts.rows * facts.dimension) return facts;
  std::uint64_t first = none;
#pragma omp parallel for schedule(static) reduction(min : first)
  for (std::uint64_t row = 0; row < facts.rows; ++row) {
    // The norm is quicker than looking at every component, and infinite for all rows in question.
    if (row < first && std::isinf(screening_norm(vectors.row(row))) && !is_finite(vectors.row(row))) first = row;
  }
  facts.not_finite = first;
  return facts;
}

/// The ids of curated vectors are not used, so they need not be there.
Facts facts_of_curated(const Vectors& curated) {
  return facts_of(curated, curated.dimension == 0 ? 0 : curated.rows.size() / curated.dimension);
}

/// Every rank looks at the facts of all, so what it throws, all throw.
void check(const Facts& facts, std::size_t rank, const char* kind) {
  if (facts.components != facts.rows * facts.dimension) {
    throw comm::AgreedError(fmt::format("rank {}: {} {} vectors of {} components need {} numbers, there are {}", rank,
                                        facts.rows, kind, facts.dimension, facts.rows * facts.dimension,
                                        facts.components));
  }
  if (facts.rows > 0 && (facts.dimension == 0 || facts.dimension > largest_dimension)) {
    throw comm::AgreedError(fmt::format("rank {}: {} vectors have {} components; 1 to {} are possible", rank, kind,
                                        facts.dimension, largest_dimension));
  }
  if (facts.rows >= std::numeric_limits<std::uint32_t>::max()) {
    throw comm::AgreedError(
        fmt::format("rank {}: {} {} vectors are too many for one rank; use more ranks", rank, facts.rows, kind));
  }
  if (facts.not_finite == none) return;
  throw comm::AgreedError(
      fmt::format("rank {}: {} vector {} holds NaN or infinity; such records must be rejected before selection", rank,
                  kind, facts.not_finite));
}

}  // namespace

void check_options(const KCenterOptions& options) {
  if (!options.records && !options.radius) {
    throw UsageError("k-center needs a number of records, a radius, or both, to know when to stop");
  }
  if (options.radius && std::isnan(*options.radius)) throw UsageError("the radius of k-center is not a number");
}

std::uint64_t agree_on_inputs(comm::Communicator& comm, const Vectors& pool, const Vectors& curated) {
  struct Part {
    Facts pool, curated;
  };
  const auto parts = comm::all_gather(comm, Part{facts_of(pool, pool.ids.size()), facts_of_curated(curated)});
  std::uint64_t rows = 0;
  for (std::size_t rank = 0; rank < parts.size(); ++rank) {
    const auto& part = parts[rank];
    check(part.pool, rank, "pool");
    check(part.curated, rank, "curated");
    const std::uint64_t expected = parts.front().pool.dimension;
    if (part.pool.dimension != expected) {
      throw comm::AgreedError(fmt::format("pool vectors have {} components on rank {} but {} on rank 0",
                                          part.pool.dimension, rank, expected));
    }
    if (part.curated.rows > 0 && part.curated.dimension != expected) {
      throw comm::AgreedError(
          fmt::format("curated vectors have {} components on rank {} but pool vectors have {}; embed both with "
                      "the same model",
                      part.curated.dimension, rank, expected));
    }
    rows += part.pool.rows;
  }
  return rows;
}

}  // namespace farpoint::select
