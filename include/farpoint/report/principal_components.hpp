// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace farpoint::report {

/// The plane in which vectors differ most (Pearson 1901; Jolliffe, Principal Component Analysis, 2002).
struct PrincipalPlane {
  std::vector<double> mean;                 ///< [dimension]
  std::array<std::vector<double>, 2> axes;  ///< of unit length, orthogonal; zeros where there is no further direction
  std::array<double, 2> explained{};        ///< share of the variance along each axis

  /// Where a vector of the same dimension lies in it.
  std::array<double, 2> project(std::span<const float> vector) const;
};

/// `rows` is [n, dimension], row-major and finite; `dimension` is at least 1. The sign of each axis is such that its
/// largest component is positive. Costs n * dimension^2 / 2 multiply-adds in float64, and 8 * dimension^2 bytes.
/// Single-threaded. Of no rows, or equal ones, all axes are zeros.
PrincipalPlane principal_plane(std::span<const float> rows, std::size_t dimension);

}  // namespace farpoint::report
