// SPDX-License-Identifier: Apache-2.0
#include "farpoint/score/importance.hpp"

#include <fmt/format.h>

#include <numeric>

#include "farpoint/base/error.hpp"
#include "farpoint/base/random.hpp"
#include "portable_log.hpp"

namespace farpoint::score {

namespace {

constexpr std::uint64_t gumbel_stream = 0x67756d62656c;  // "gumbel": own numbers for the same seed

/// The logarithm of a count that is 1 or more.
double log_of(std::uint64_t count) {
  return portable_log(static_cast<double>(count));
}

std::uint64_t sum(std::span<const std::uint64_t> counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

}  // namespace

std::vector<double> log_ratios(std::span<const std::uint64_t> target, std::span<const std::uint64_t> raw) {
  if (target.size() != raw.size()) {
    throw Error(fmt::format("{} counts of the target's features for {} of the raw data", target.size(), raw.size()));
  }
  const double of_totals = log_of(sum(target) + target.size()) - log_of(sum(raw) + raw.size());
  std::vector<double> ratios;
  ratios.reserve(target.size());
  for (std::size_t b = 0; b < target.size(); ++b) {
    ratios.push_back(log_of(target[b] + 1) - log_of(raw[b] + 1) - of_totals);
  }
  return ratios;
}

double gumbel_key(double log_weight, std::uint64_t seed, std::uint64_t id) {
  // 52 bits and a half: neither 0 nor 1, whose logarithms would be infinite, and exact.
  const double u = (static_cast<double>(random_bits(seed, gumbel_stream, id) >> 12U) + 0.5) * 0x1p-52;
  return log_weight - portable_log(-portable_log(u));
}

}  // namespace farpoint::score
