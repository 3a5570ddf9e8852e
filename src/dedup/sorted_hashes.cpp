// SPDX-License-Identifier: Apache-2.0
#include "sorted_hashes.hpp"

#include <algorithm>
#include <bit>

#include "owners.hpp"

namespace farpoint::dedup {

namespace {

/// A bit or more in 16 is set, at most one in 16; the least table fits the first-level cache.
unsigned bits_for(std::size_t hashes) {
  constexpr unsigned least = 16;
  constexpr std::size_t bits_a_hash = 16;
  return std::max(least, static_cast<unsigned>(std::bit_width(hashes * bits_a_hash)));
}

}  // namespace

SortedHashes::SortedHashes(std::span<const std::uint64_t> sorted)
    : sorted_(sorted),
      bit_shift_(64 - bits_for(sorted.size())),
      present_((std::size_t{1} << bits_for(sorted.size())) / 64) {
  for (const std::uint64_t hash : sorted) {
    const std::uint64_t bit = hash >> bit_shift_;
    present_[bit / 64] |= std::uint64_t{1} << bit % 64;
  }
}

/// Looks near the place where the hash would be among evenly spread ones, in steps that double, then by halves.
std::size_t SortedHashes::search(std::uint64_t hash) const {
  const std::size_t size = sorted_.size();
  std::size_t begin = static_cast<std::size_t>(range_of(hash, size));
  std::size_t end = begin;
  for (std::size_t step = 8; begin > 0 && sorted_[begin] > hash; step *= 2) begin -= std::min(begin, step);
  for (std::size_t step = 8; end < size && sorted_[end] <= hash; step *= 2) end += std::min(size - end, step);
  const auto found = std::lower_bound(sorted_.begin() + static_cast<std::ptrdiff_t>(begin),
                                      sorted_.begin() + static_cast<std::ptrdiff_t>(end), hash);
  if (found == sorted_.end() || *found != hash) return none;
  return static_cast<std::size_t>(found - sorted_.begin());
}

}  // namespace farpoint::dedup
