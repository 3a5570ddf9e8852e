// SPDX-License-Identifier: Apache-2.0
#include <Eigen/Core>
#include <cmath>

#include "farpoint/text/whitening.hpp"

namespace farpoint::text {

namespace {

constexpr double scale = 512;
/// A block's sums are at most its vectors times scale^2 = 2^24: single precision holds such integers exactly, so the
/// product may be computed in any order.
constexpr Eigen::Index block_vectors = 64;

using Block = Eigen::Matrix<float, block_vectors, Eigen::Dynamic>;

}  // namespace

struct SecondMoments::Implementation {
  Eigen::MatrixXf block_sums;
  Eigen::MatrixXd all;  ///< integers below 2^53 for 2^35 vectors
  Block block;
  Eigen::Index in_block = 0;
  std::uint64_t vectors = 0;

  void close_block() {
    block.bottomRows(block_vectors - in_block).setZero();
    block_sums.setZero();
    block_sums.selfadjointView<Eigen::Lower>().rankUpdate(block.transpose());
    all.triangularView<Eigen::Lower>() += block_sums.cast<double>();
    in_block = 0;
  }
};

SecondMoments::SecondMoments(std::size_t dimension) : implementation_(std::make_unique<Implementation>()) {
  const auto size = static_cast<Eigen::Index>(dimension);
  implementation_->block_sums.resize(size, size);
  implementation_->all.setZero(size, size);
  implementation_->block.resize(block_vectors, size);
}

SecondMoments::~SecondMoments() = default;
SecondMoments::SecondMoments(SecondMoments&&) noexcept = default;

void SecondMoments::add(std::span<const float> vector) {
  auto& [block_sums, all, block, in_block, vectors] = *implementation_;
  double squared_length = 0;
  for (const float component : vector) squared_length += static_cast<double>(component) * component;
  if (!std::isfinite(squared_length) || squared_length == 0) return;
  const double factor = scale / std::sqrt(squared_length);
  for (std::size_t k = 0; k < vector.size(); ++k) {
    block(in_block, static_cast<Eigen::Index>(k)) = static_cast<float>(std::nearbyint(vector[k] * factor));
  }
  ++vectors;
  if (++in_block == block_vectors) implementation_->close_block();
}

std::vector<std::uint64_t> SecondMoments::sums() {
  implementation_->close_block();
  const auto& all = implementation_->all;
  std::vector<std::uint64_t> sums{implementation_->vectors};
  sums.reserve(1 + static_cast<std::size_t>(all.rows() * (all.rows() + 1) / 2));
  for (Eigen::Index i = 0; i < all.rows(); ++i) {
    for (Eigen::Index j = 0; j <= i; ++j) {
      sums.push_back(static_cast<std::uint64_t>(static_cast<std::int64_t>(all(i, j))));
    }
  }
  return sums;
}

}  // namespace farpoint::text
