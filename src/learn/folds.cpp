// SPDX-License-Identifier: Apache-2.0
#include "farpoint/learn/folds.hpp"

#include <cmath>

#include "farpoint/base/random.hpp"

namespace farpoint::learn {

namespace {

constexpr std::uint64_t fold_stream = 0x666f6c6473;    // "folds": own numbers
constexpr std::uint64_t sample_stream = 0x73616d706c;  // "sampl"

/// Ids are positions in a corpus, far below 2^56.
std::uint64_t place_of(std::uint64_t population, std::uint64_t id) {
  return population << 56 | id;
}

}  // namespace

std::uint64_t fold_of(std::uint64_t seed, std::uint64_t population, std::uint64_t id, std::uint64_t folds) {
  return random_bits(seed, fold_stream, place_of(population, id)) % folds;
}

bool is_sampled(std::uint64_t seed, std::uint64_t stream, std::uint64_t population, std::uint64_t id, double share) {
  if (share >= 1) return true;
  const auto bits = random_bits(seed, sample_stream + (stream << 40), place_of(population, id));
  return static_cast<double>(bits >> 11) < std::ldexp(share, 53);
}

}  // namespace farpoint::learn
