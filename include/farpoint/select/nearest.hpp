// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "farpoint/select/distance.hpp"
#include "farpoint/select/vectors.hpp"

namespace farpoint::select {

/// A fixed set of vectors, for asking how near rows are to the nearest of them.
class NearestTargets {
 public:
  /// `targets`: [any, dimension], row-major; finite, unit length under cosine. They are copied, at about 8 bytes a
  /// number; of equal ones only the first. Throws Error when the numbers are no whole rows, or a row is not finite.
  NearestTargets(Metric metric, std::span<const float> targets, std::size_t dimension);
  ~NearestTargets();
  NearestTargets(NearestTargets&&) noexcept;

  std::size_t dimension() const;

  /// For each row of this process the smallest canonical value (distance.hpp) to any target; +inf without targets. The
  /// same bits however rows are split into calls, ranks and threads, and in whatever order the targets are. On all
  /// threads, not collective; a product of all rows with all targets, and little more. Throws Error when the dimensions
  /// differ.
  std::vector<double> values(const Vectors& rows) const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace farpoint::select
