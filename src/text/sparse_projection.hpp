// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace farpoint::text {

/// A random projection of features to `dimension` numbers that keeps inner products in expectation. Each feature goes
/// with a random sign to one random place in each of eight equal blocks (Kane & Nelson 2014, "Sparser
/// Johnson-Lindenstrauss transforms"): as good as dense signs here, at a fiftieth of the additions.
class SparseProjection {
 public:
  static constexpr std::size_t blocks = 8;
  static constexpr std::size_t largest_dimension = std::size_t{1} << 15;

  /// `dimension` from 8 to 32768. Throws UsageError otherwise.
  SparseProjection(std::size_t dimension, std::size_t features, std::uint64_t seed);

  std::size_t dimension() const { return dimension_; }

  /// For a feature that add() will soon be called with.
  void prefetch(std::uint32_t feature) const { __builtin_prefetch(&places_[feature]); }

  /// row += weight * column of `feature`, unscaled: its entries are 1 and -1.
  void add(std::uint32_t feature, float weight, std::span<float> row) const {
    const auto bits = std::bit_cast<std::uint32_t>(weight);
    for (const std::uint16_t place : places_[feature]) {
      // The sign is flipped in place of a multiplication; either is exact.
      const std::uint32_t sign = static_cast<std::uint32_t>(place) << 31;
      row[place >> 1] += std::bit_cast<float>(bits ^ sign);
    }
  }

 private:
  /// Index in the row times two, plus one for a negative entry.
  using Places = std::array<std::uint16_t, blocks>;

  std::size_t dimension_;
  std::vector<Places> places_;
};

}  // namespace farpoint::text
