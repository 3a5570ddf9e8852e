// SPDX-License-Identifier: Apache-2.0
#include "farpoint/report/principal_components.hpp"

#include <Spectra/MatOp/DenseSymMatProd.h>
#include <Spectra/SymEigsSolver.h>
#include <Eigen/Dense>

#include <algorithm>

namespace farpoint::report {

namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

constexpr Eigen::Index axis_count = 2;
/// Below, all eigenvectors cost nothing worth saving, and Spectra needs more rows than it looks for.
constexpr Eigen::Index small = 64;

Matrix covariance(std::span<const float> rows, Eigen::Index dimension, const Vector& mean) {
  using Rows = Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;
  const auto count = static_cast<Eigen::Index>(rows.size()) / dimension;
  const Rows all(rows.data(), count, dimension);
  Matrix moments = Matrix::Zero(dimension, dimension);
  constexpr Eigen::Index block = 256;
  for (Eigen::Index begin = 0; begin < count; begin += block) {
    const auto size = std::min(block, count - begin);
    const Matrix centred = (all.middleRows(begin, size).cast<double>().rowwise() - mean.transpose()).transpose();
    moments.selfadjointView<Eigen::Lower>().rankUpdate(centred);
  }
  const Matrix full = moments.selfadjointView<Eigen::Lower>();
  return full / static_cast<double>(std::max<Eigen::Index>(count, 1));
}

struct Eigenpairs {
  Vector values;  ///< descending
  Matrix vectors;
};

Eigenpairs all_pairs(const Matrix& matrix) {
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(matrix);
  return {solver.eigenvalues().reverse(), solver.eigenvectors().rowwise().reverse()};
}

Eigenpairs largest_pairs(const Matrix& matrix) {
  if (matrix.rows() <= small) return all_pairs(matrix);
  Spectra::DenseSymMatProd<double> product(matrix);
  Spectra::SymEigsSolver<Spectra::DenseSymMatProd<double>> solver(product, axis_count, 10 * axis_count);
  solver.init();
  solver.compute(Spectra::SortRule::LargestAlge);
  if (solver.info() != Spectra::CompInfo::Successful) return all_pairs(matrix);
  return {solver.eigenvalues(), solver.eigenvectors()};
}

std::vector<double> to_axis(Vector direction) {
  Eigen::Index largest = 0;
  direction.cwiseAbs().maxCoeff(&largest);
  if (direction[largest] < 0) direction = -direction;
  return {direction.data(), direction.data() + direction.size()};
}

}  // namespace

std::array<double, 2> PrincipalPlane::project(std::span<const float> vector) const {
  std::array<double, 2> at{};
  for (std::size_t axis = 0; axis < axes.size(); ++axis) {
    for (std::size_t i = 0; i < mean.size(); ++i) at[axis] += (vector[i] - mean[i]) * axes[axis][i];
  }
  return at;
}

PrincipalPlane principal_plane(std::span<const float> rows, std::size_t dimension) {
  const auto width = static_cast<Eigen::Index>(dimension);
  const auto count = rows.size() / dimension;
  Vector mean = Vector::Zero(width);
  for (std::size_t row = 0; row < count; ++row) {
    for (Eigen::Index i = 0; i < width; ++i) mean[i] += rows[row * dimension + static_cast<std::size_t>(i)];
  }
  if (count > 0) mean /= static_cast<double>(count);
  PrincipalPlane plane;
  plane.mean.assign(mean.data(), mean.data() + width);
  plane.axes.fill(std::vector<double>(dimension, 0.0));
  const auto matrix = covariance(rows, width, mean);
  const double variance = matrix.trace();
  if (!(variance > 0)) return plane;
  const auto pairs = largest_pairs(matrix);
  for (Eigen::Index axis = 0; axis < std::min(axis_count, width); ++axis) {
    const double share = pairs.values[axis] / variance;
    // What rounding leaves of no variance is no direction.
    if (share < 1e-12) break;
    plane.explained[static_cast<std::size_t>(axis)] = share;
    plane.axes[static_cast<std::size_t>(axis)] = to_axis(pairs.vectors.col(axis));
  }
  return plane;
}

}  // namespace farpoint::report
