// SPDX-License-Identifier: Apache-2.0
#include "centre_panels.hpp"

#include <limits>

namespace farpoint::select {

void CentrePanels::reserve(std::size_t centres) {
  const std::size_t panels = (centres + lanes - 1) / lanes;
  values_.reserve(panels * dimension_);
  penalties_.reserve(panels);
  hopeful_penalties_.reserve(panels);
}

void CentrePanels::add(std::span<const float> row, float penalty, float hopeful_penalty) {
  const std::size_t lane = count_ % lanes;
  if (lane == 0) {
    Lanes never{};
    never.fill(std::numeric_limits<float>::infinity());
    penalties_.push_back(never);
    hopeful_penalties_.push_back(never);
    values_.resize(values_.size() + dimension_);
  }
  Lanes* const panel = values_.data() + count_ / lanes * dimension_;
  for (std::size_t k = 0; k < dimension_; ++k) panel[k][lane] = row[k];
  penalties_.back()[lane] = penalty;
  hopeful_penalties_.back()[lane] = hopeful_penalty;
  ++count_;
}

}  // namespace farpoint::select
