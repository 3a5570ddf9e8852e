// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace farpoint::select {

/// How many candidates a pass has. Each pick costs work with every candidate, on every rank; each pass costs a look at
/// all rows, a message, and exact values for candidates that are never picked. So the pool grows when most of it is
/// picked, and shrinks when hardly any is. No result depends on it.
class PoolSize {
 public:
  static constexpr std::size_t most_growth = 8;

  PoolSize(std::size_t first, int ranks)
      : size_(std::max<std::size_t>(first, 1)), ranks_(static_cast<std::size_t>(ranks)), first_(size_) {}

  /// Candidates of each rank: its fair share, and room for an uneven spread (two standard deviations of an even one).
  std::size_t share() const {
    if (ranks_ == 1) return size_;
    const double fair = static_cast<double>(size_) / static_cast<double>(ranks_);
    return static_cast<std::size_t>(std::ceil(fair + 2 * std::sqrt(fair)));
  }

  /// After a pass that had so many candidates and chose so many of them.
  void learn(std::size_t candidates, std::size_t picks) {
    if (candidates < size_) return;  // no more were to be had
    if (3 * picks > candidates)
      size_ = std::min(2 * size_, largest());
    else if (16 * picks < candidates)
      size_ = std::max(size_ / 2, smallest());
  }

 private:
  // Around what the user asked for.
  std::size_t largest() const { return most_growth * first_; }
  std::size_t smallest() const { return std::max<std::size_t>(first_ / 4, 1); }

  std::size_t size_;
  std::size_t ranks_;
  std::size_t first_;
};

}  // namespace farpoint::select
