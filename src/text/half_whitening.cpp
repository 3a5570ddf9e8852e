// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#define EIGEN_DONT_PARALLELIZE
#include <Eigen/Eigenvalues>
#include <cmath>

#include "farpoint/base/error.hpp"
#include "farpoint/text/whitening.hpp"

namespace farpoint::text {

namespace {

Eigen::MatrixXd symmetric(std::size_t dimension, std::span<const std::uint64_t> lower_triangle) {
  const auto size = static_cast<Eigen::Index>(dimension);
  Eigen::MatrixXd matrix(size, size);
  auto next = lower_triangle.begin();
  for (Eigen::Index i = 0; i < size; ++i) {
    for (Eigen::Index j = 0; j <= i; ++j) {
      matrix(i, j) = matrix(j, i) = static_cast<double>(static_cast<std::int64_t>(*next++));
    }
  }
  return matrix;
}

/// With an average of 1 on the diagonal, so that vectors keep their length on average.
Eigen::MatrixXd shrunk(Eigen::MatrixXd moments, double vectors) {
  const auto dimension = static_cast<double>(moments.rows());
  const double average = moments.trace() / dimension;
  if (average == 0) return Eigen::MatrixXd::Identity(moments.rows(), moments.rows());
  moments *= vectors / average;
  moments.diagonal().array() += dimension;
  return moments / (vectors + dimension);
}

}  // namespace

std::vector<float> half_whitening(std::size_t from, std::size_t to, std::span<const std::uint64_t> sums) {
  if (to == 0 || to > from || sums.size() != 1 + from * (from + 1) / 2) {
    throw Error(
        fmt::format("{} sums of products for a map from {} to {} components; it takes {}, and no more "
                    "components to than from",
                    sums.size(), from, to, 1 + from * (from + 1) / 2));
  }
  // Eigen cuts matrices to the size of the caches, and the cuts decide how sums are rounded.
  Eigen::setCpuCacheSizes(32 << 10, 512 << 10, 4 << 20);
  const auto moments = shrunk(symmetric(from, sums.subspan(1)), static_cast<double>(sums[0]));
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> principal(moments);
  std::vector<float> map(from * to);
  for (std::size_t j = 0; j < to; ++j) {
    // They come in ascending order.
    const auto component = static_cast<Eigen::Index>(from - 1 - j);
    // Square roots round exactly, as pow() need not.
    const double factor = 1 / std::sqrt(std::sqrt(principal.eigenvalues()[component]));
    for (std::size_t i = 0; i < from; ++i) {
      map[i * to + j] = static_cast<float>(principal.eigenvectors()(static_cast<Eigen::Index>(i), component) * factor);
    }
  }
  return map;
}

}  // namespace farpoint::text
