// SPDX-License-Identifier: Apache-2.0
#include "sorted_hashes.hpp"

#include <algorithm>
#include <bit>

#include "owners.hpp"

namespace farpoint::dedup {

namespace {

/// Of the number of words: 16 to 32 bits a hash, 512 bytes or more.
unsigned bits_of_size(std::size_t hashes) {
  constexpr unsigned least = 6;
  constexpr std::size_t hashes_a_word = 4;
  return std::max(least, static_cast<unsigned>(std::bit_width(hashes / hashes_a_word)));
}

}  // namespace

HashFilter::HashFilter(std::size_t hashes)
    : shift_(64 - bits_of_size(hashes)), words_(std::size_t{1} << bits_of_size(hashes)) {}

/// Looks near the place where the hash would be among evenly spread ones, in steps that double, then by halves.
std::size_t find_hash(std::span<const std::uint64_t> sorted, std::uint64_t hash) {
  const std::size_t size = sorted.size();
  if (size == 0) return no_position;
  std::size_t begin = static_cast<std::size_t>(range_of(hash, size));
  std::size_t end = begin;
  for (std::size_t step = 8; begin > 0 && sorted[begin] > hash; step *= 2) begin -= std::min(begin, step);
  for (std::size_t step = 8; end < size && sorted[end] <= hash; step *= 2) end += std::min(size - end, step);
  const auto found = std::lower_bound(sorted.begin() + static_cast<std::ptrdiff_t>(begin),
                                      sorted.begin() + static_cast<std::ptrdiff_t>(end), hash);
  if (found == sorted.end() || *found != hash) return no_position;
  return static_cast<std::size_t>(found - sorted.begin());
}

SortedHashes::SortedHashes(std::span<const std::uint64_t> sorted) : sorted_(sorted), filter_(sorted.size()) {
  for (const std::uint64_t hash : sorted) filter_.add(hash);
}

}  // namespace farpoint::dedup
