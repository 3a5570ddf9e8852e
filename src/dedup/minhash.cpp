// SPDX-License-Identifier: Apache-2.0
#include "farpoint/dedup/minhash.hpp"

#include <fmt/format.h>

#include <cassert>
#include <cmath>

#include "farpoint/base/error.hpp"
#include "farpoint/base/hash.hpp"
#include "farpoint/base/random.hpp"
#include "minhash_task.hpp"

namespace farpoint::dedup {

namespace {

MinHashKernel kernel_for([[maybe_unused]] Instructions instructions) {
#if defined(__x86_64__)
  if (instructions >= Instructions::avx512) return minhash_avx512;
  if (instructions >= Instructions::avx2) return minhash_avx2;
#endif
  return minhash_portable;
}

/// Without pow(), whose last bit is the library's: all machines of a run shall choose the same bands.
double power(double base, std::size_t exponent) {
  double result = 1;
  for (; exponent > 0; exponent /= 2, base *= base) {
    if (exponent % 2 == 1) result *= base;
  }
  return result;
}

}  // namespace

double Banding::probability(double jaccard) const {
  return 1 - power(1 - power(jaccard, rows), bands);
}

Banding banding_for(double threshold, std::size_t permutations) {
  if (!(threshold > 0 && threshold <= 1)) {
    throw UsageError(fmt::format("a similarity of {} as threshold: it must be above 0 and at most 1", threshold));
  }
  constexpr double margin = 0.05;
  for (std::size_t rows = permutations; rows >= 1; --rows) {
    const Banding banding{permutations / rows, rows};
    if (banding.probability(threshold) >= found_at_threshold &&
        banding.probability(std::fmin(threshold + margin, 1)) >= found_above_threshold) {
      return banding;
    }
  }
  throw UsageError(
      fmt::format("{} permutations miss too many pairs at a similarity of {}: take more permutations or a "
                  "higher threshold",
                  permutations, threshold));
}

MinHash::MinHash(Banding banding, Instructions instructions) : banding_(banding), instructions_(instructions) {
  if (banding.bands == 0 || banding.rows == 0) throw UsageError("MinHash needs at least one band of one row");
  const std::size_t permutations = banding.bands * banding.rows;
  const std::size_t padded = (permutations + minhash_lanes - 1) / minhash_lanes * minhash_lanes;
  constexpr std::uint64_t seed = 0x6d696e68617368;
  for (std::uint64_t i = 0; i < padded; ++i) {
    const std::uint64_t bits = random_bits(seed, 0, i);
    xors_.push_back(static_cast<std::uint32_t>(bits));
    factors_.push_back(static_cast<std::uint32_t>(bits >> 32) | 1);
  }
}

void MinHash::find_minima(std::span<const std::uint64_t> shingles, std::vector<std::uint32_t>& minima) const {
  assert(!shingles.empty());
  minima.resize(factors_.size());
  kernel_for(instructions_)(
      {shingles.data(), shingles.size(), xors_.data(), factors_.data(), factors_.size(), minima.data()});
  minima.resize(banding_.bands * banding_.rows);
}

void MinHash::bands(std::span<const std::uint64_t> shingles, std::span<std::uint64_t> out) const {
  assert(out.size() == banding_.bands);
  thread_local std::vector<std::uint32_t> minima;
  find_minima(shingles, minima);
  const std::span<const std::uint32_t> all = minima;
  for (std::size_t band = 0; band < banding_.bands; ++band) {
    out[band] = hash64(std::as_bytes(all.subspan(band * banding_.rows, banding_.rows)), band);
  }
}

std::vector<std::uint32_t> MinHash::minima(std::span<const std::uint64_t> shingles) const {
  std::vector<std::uint32_t> found;
  find_minima(shingles, found);
  return found;
}

}  // namespace farpoint::dedup
