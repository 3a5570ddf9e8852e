// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "centre_panels.hpp"
#include "screening.hpp"

namespace farpoint::select {

/// The chosen and the curated vectors, the same on every rank. A vector that is there already, byte for byte, is not
/// kept twice: it brings nobody nearer, and thousands of copies would cost as many comparisons.
class Centres {
 public:
  Centres(const Screening& screening, std::size_t dimension)
      : screening_(screening), dimension_(dimension), panels_(dimension) {}

  /// Room for this many vectors, so that they are not moved as they become more.
  void reserve(std::size_t count);

  /// False when a copy is there already. That copy then stands for both, under the smaller label.
  bool add(std::span<const float> row, std::uint64_t label);

  std::size_t count() const { return labels_.size(); }
  std::size_t dimension() const { return dimension_; }
  const float* row(std::size_t c) const { return rows_.data() + c * dimension_; }
  /// The chosen record's id; that of curated vectors is larger than all ids, so the smaller label wins every tie.
  std::uint64_t label(std::size_t c) const { return labels_[c]; }
  float norm(std::size_t c) const { return norms_[c]; }
  float penalty(std::size_t c) const { return penalties_[c]; }
  float hopeful_penalty(std::size_t c) const { return screening_.hopeful_penalty(norms_[c]); }
  /// The same centres, laid out for products.
  const CentrePanels& panels() const { return panels_; }
  /// Those of the centres from `first` on.
  std::span<const float> norms(std::size_t first) const { return std::span(norms_).subspan(first); }

 private:
  const Screening& screening_;
  std::size_t dimension_;
  std::vector<float> rows_;
  std::vector<std::uint64_t> labels_;
  std::vector<float> norms_;
  std::vector<float> penalties_;
  CentrePanels panels_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> by_hash_;
};

}  // namespace farpoint::select
