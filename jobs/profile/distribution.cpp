// SPDX-License-Identifier: Apache-2.0
#include "distribution.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>

namespace farpoint::jobs {

namespace {

constexpr std::uint64_t parts = 32;         // of a power of two
constexpr std::uint64_t exact = 2 * parts;  // numbers below have a range each
constexpr int exact_bits = 6;               // of numbers below `exact`

std::size_t range_of(std::uint64_t value) {
  if (value < exact) return static_cast<std::size_t>(value);
  // So many bits are left out that the rest is from `parts` to `exact` - 1.
  const int shift = std::bit_width(value) - exact_bits;
  return static_cast<std::size_t>(static_cast<std::uint64_t>(shift) * parts + (value >> shift));
}

std::uint64_t begin_of(std::size_t range) {
  if (range < exact) return range;
  const auto shift = range / parts - 1;
  return (range - shift * parts) << shift;
}

}  // namespace

void Distribution::add(std::uint64_t value) {
  const auto range = range_of(value);
  if (range >= ranges_.size()) ranges_.resize(range + 1, 0);
  ++ranges_[range];
  ++count_;
  sum_ += value;
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
}

Distribution& Distribution::operator+=(const Distribution& other) {
  if (other.ranges_.size() > ranges_.size()) ranges_.resize(other.ranges_.size(), 0);
  for (std::size_t i = 0; i < other.ranges_.size(); ++i) ranges_[i] += other.ranges_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  return *this;
}

std::uint64_t Distribution::percentile(std::uint64_t percent) const {
  constexpr std::uint64_t whole = 100;
  if (count_ == 0) return 0;
  // Rounded up, and by parts: the product could be too large.
  const auto rank = count_ / whole * percent + (count_ % whole * percent + whole - 1) / whole;
  std::uint64_t seen = 0;
  std::size_t range = 0;
  while (seen + ranges_[range] < rank) seen += ranges_[range++];
  return std::max(begin_of(range), min_);
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> Distribution::by_powers_of_two() const {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> counts;
  for (std::size_t range = 0; range < ranges_.size(); ++range) {
    if (ranges_[range] == 0) continue;
    const auto from = std::bit_floor(begin_of(range));
    if (counts.empty() || counts.back().first != from) counts.emplace_back(from, 0);
    counts.back().second += ranges_[range];
  }
  return counts;
}

}  // namespace farpoint::jobs
