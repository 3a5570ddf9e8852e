// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace farpoint::select {

/// Centres side by side, as the products read them: sixteen to a panel, the k-th components of all sixteen in a row.
/// Lanes without a centre have infinite penalties, so that no row is near them.
class CentrePanels {
 public:
  static constexpr std::size_t lanes = 16;

  explicit CentrePanels(std::size_t dimension) : dimension_(dimension) {}

  void reserve(std::size_t centres);
  /// The penalties as from Screening.
  void add(std::span<const float> row, float penalty, float hopeful_penalty);

  std::size_t count() const { return count_; }
  std::size_t dimension() const { return dimension_; }
  /// [panels, dimension, lanes], aligned to a panel's row.
  const float* values() const { return values_.data()->data(); }
  /// [panels, lanes], aligned.
  const float* penalties() const { return penalties_.data()->data(); }
  const float* hopeful_penalties() const { return hopeful_penalties_.data()->data(); }

 private:
  struct alignas(lanes * sizeof(float)) Lanes : std::array<float, lanes> {};

  std::size_t dimension_;
  std::size_t count_ = 0;
  std::vector<Lanes> values_;
  std::vector<Lanes> penalties_;
  std::vector<Lanes> hopeful_penalties_;
};

}  // namespace farpoint::select
