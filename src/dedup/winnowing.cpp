// SPDX-License-Identifier: Apache-2.0
#include "winnowing.hpp"

#include "mixed.hpp"

namespace farpoint::dedup {

namespace {
/// Rows that collide cost time, not exactness, so arithmetic modulo 2^64 is good enough.
constexpr std::uint64_t base = 0x9e3779b97f4a7c15ULL;
}  // namespace

Winnowing::Winnowing(std::size_t words) : row_((words + 1) / 2), rows_(words - row_ + 1) {
  for (std::size_t i = 1; i < row_; ++i) oldest_factor_ *= base;
}

std::span<const Fingerprint> Winnowing::fingerprints(std::span<const text::WrittenWord> words) {
  fingerprints_.clear();
  hash_rows(words);
  if (hashes_.size() < rows_) return {};
  const std::size_t windows = hashes_.size() - rows_ + 1;
  choose(0);
  for (std::size_t window = 1; window < windows; ++window) {
    const std::size_t newest = window + rows_ - 1;
    if (chosen_ < window) {
      choose(window);
    } else if (hashes_[newest] < hashes_[chosen_]) {
      chosen_ = newest;
      fingerprints_.push_back({hashes_[newest], static_cast<std::uint32_t>(window)});
    } else if (hashes_[newest] == hashes_[chosen_]) {
      fingerprints_.back().tied = true;
    }
    fingerprints_.back().end_window = static_cast<std::uint32_t>(window) + 1;
  }
  return fingerprints_;
}

/// The hash of each row, rolled from the one before (Karp and Rabin 1987).
void Winnowing::hash_rows(std::span<const text::WrittenWord> words) {
  hashes_.clear();
  if (words.size() < row_) return;
  std::uint64_t rolling = 0;
  for (std::size_t i = 0; i < row_; ++i) rolling = rolling * base + words[i].hash;
  hashes_.push_back(mixed(rolling));
  for (std::size_t i = row_; i < words.size(); ++i) {
    rolling = (rolling - words[i - row_].hash * oldest_factor_) * base + words[i].hash;
    hashes_.push_back(mixed(rolling));
  }
}

/// The least hash of the window, the last one on ties: it stays for the longest time.
void Winnowing::choose(std::size_t window) {
  chosen_ = window;
  bool tied = false;
  for (std::size_t i = window + 1; i < window + rows_; ++i) {
    if (hashes_[i] > hashes_[chosen_]) continue;
    tied = hashes_[i] == hashes_[chosen_];
    chosen_ = i;
  }
  const auto first = static_cast<std::uint32_t>(window);
  fingerprints_.push_back({hashes_[chosen_], first, first + 1, tied});
}

}  // namespace farpoint::dedup
