// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace farpoint::clean {

/// Counts how often hashes occur, by open addressing. Meant to be used again and again: room of up to 16 MiB is kept.
class HashCounts {
 public:
  struct Entry {
    std::uint64_t hash = 0;
    std::uint32_t count = 0;
    std::uint32_t first = 0;  ///< where it was seen first; free for the caller
  };

  /// Forgets everything, and makes room for `most` different hashes.
  void reset(std::size_t most) {
    const std::size_t size = std::bit_ceil(std::max<std::size_t>(8, most + most / 2));
    if (entries_.size() < size) entries_.resize(size);
    std::fill_n(entries_.begin(), size, Entry{});
    shift_ = static_cast<unsigned>(64 - std::countr_zero(size));
    mask_ = size - 1;
  }

  /// The entry of `hash`, whose high bits must be spread well. `count` is 0 when it is new; then the caller must set
  /// it.
  Entry& operator[](std::uint64_t hash) {
    std::size_t at = hash >> shift_;
    while (entries_[at].count != 0 && entries_[at].hash != hash) at = (at + 1) & mask_;
    entries_[at].hash = hash;
    return entries_[at];
  }

  void release_if_large() {
    constexpr std::size_t most_kept = (std::size_t{1} << 24) / sizeof(Entry);
    if (entries_.size() > most_kept) std::vector<Entry>().swap(entries_);
  }

 private:
  std::vector<Entry> entries_;
  unsigned shift_ = 0;
  std::size_t mask_ = 0;
};

}  // namespace farpoint::clean
