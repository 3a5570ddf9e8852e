// SPDX-License-Identifier: Apache-2.0
#include "inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "farpoint/base/error.hpp"
#include "farpoint/base/parallel.hpp"
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
  std::uint64_t numbers = 0;
  std::uint64_t not_finite = none;  ///< the first row with NaN or infinity
};

Facts facts_of(const Vectors& vectors) {
  Facts facts{vectors.size(), vectors.dimension(), vectors.numbers()};
  if (facts.numbers != facts.rows * facts.dimension) return facts;
  constexpr std::size_t block_rows = 64;
  std::vector<RowBlock> blocks(thread_count(), RowBlock(vectors, block_rows));
  std::vector<std::uint64_t> first(thread_count(), none);
  parallel_for(facts.rows, block_rows, [&](std::size_t thread, std::size_t begin, std::size_t end) {
    if (first[thread] < begin) return;
    const auto rows = blocks[thread].load_range(begin, end - begin);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::span row(rows[i], facts.dimension);
      // The norm is quicker than looking at every component, and infinite for all rows in question.
      if (std::isinf(screening_norm(row)) && !is_finite(row)) first[thread] = std::min(first[thread], begin + i);
    }
  });
  facts.not_finite = *std::min_element(first.begin(), first.end());
  return facts;
}

/// Of this rank's part of the curated vectors. Their ids are of no interest.
Facts facts_of(std::span<const float> curated, std::size_t dimension) {
  const std::vector<std::uint64_t> ids(dimension == 0 ? 0 : curated.size() / dimension);
  return facts_of(Vectors(curated, ids, dimension));
}

/// Every rank looks at the facts of all, so what it throws, all throw.
void check(const Facts& facts, std::size_t rank, const char* kind) {
  if (facts.numbers != facts.rows * facts.dimension) {
    throw comm::AgreedError(fmt::format("rank {}: {} {} vectors of {} components need {} numbers, there are {}", rank,
                                        facts.rows, kind, facts.dimension, facts.rows * facts.dimension,
                                        facts.numbers));
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

/// Throws Error for what this rank alone can see.
void check_scores(const Candidates& pool) {
  const std::size_t rows = pool.vectors.size();
  const auto check_size = [&](std::size_t size, const char* what) {
    if (size != 0 && size != rows) throw Error(fmt::format("{} {} for {} candidates", size, what, rows));
  };
  check_size(pool.scores.size(), "scores");
  check_size(pool.barred.size(), "marks of barred records");
  check_size(pool.charges.labels.size(), "labels");
  check_size(pool.charges.tokens.size(), "numbers of tokens");
  constexpr double largest = 1e150;  // whose square is finite
  for (std::size_t row = 0; row < pool.scores.size(); ++row) {
    if (pool.scores[row] > 0 && pool.scores[row] <= largest) continue;
    throw Error(fmt::format("the score of record {} is {}: k-center needs scores above 0 and up to {:g}",
                            pool.vectors.id(row), pool.scores[row], largest));
  }
}

}  // namespace

void check_options(const KCenterOptions& options) {
  const auto& limits = options.limits;
  if (limits.records == Limits::no_limit && limits.tokens == Limits::no_limit && limits.labels.empty() &&
      !options.radius) {
    throw UsageError("k-center needs a number of records or tokens, a quota, or a radius, to know when to stop");
  }
  if (options.radius && std::isnan(*options.radius)) throw UsageError("the radius of k-center is not a number");
}

InputFacts agree_on_inputs(comm::Communicator& comm, const Candidates& pool, std::span<const float> curated) {
  struct Part {
    Facts pool, curated;
    bool has_scores, has_barred;
  };
  comm::agree(comm, [&] { check_scores(pool); });
  const auto parts = comm::all_gather(comm, Part{facts_of(pool.vectors), facts_of(curated, pool.vectors.dimension()),
                                                 !pool.scores.empty(), !pool.barred.empty()});
  InputFacts facts;
  for (std::size_t rank = 0; rank < parts.size(); ++rank) {
    const auto& part = parts[rank];
    check(part.pool, rank, "pool");
    check(part.curated, rank, "curated");
    const std::uint64_t expected = parts.front().pool.dimension;
    if (part.pool.dimension != expected) {
      throw comm::AgreedError(fmt::format("pool vectors have {} components on rank {} but {} on rank 0",
                                          part.pool.dimension, rank, expected));
    }
    facts.rows += part.pool.rows;
    facts.has_scores |= part.has_scores;
    facts.has_barred |= part.has_barred;
  }
  return facts;
}

}  // namespace farpoint::select
