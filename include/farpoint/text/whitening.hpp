// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace farpoint::text {

/// Second moments of the directions of vectors: for each pair of components the sum of their products, over vectors
/// that are brought to unit length and rounded to multiples of 2^-9. Sums of integers, so they are the same bits in
/// whatever order and on however many threads and ranks the vectors are added; sums of several ranks add up
/// elementwise.
class SecondMoments {
 public:
  /// `dimension` at least 1. Takes 8 bytes for each pair of components.
  explicit SecondMoments(std::size_t dimension);
  ~SecondMoments();
  SecondMoments(SecondMoments&&) noexcept;

  /// Vectors of length zero, or that are not finite, have no direction and are left out. Not thread-safe. Costs
  /// dimension^2 / 2 multiply-adds.
  void add(std::span<const float> vector);

  /// The number of vectors, then the sums, row by row of the lower triangle: 1 + dimension (dimension + 1) / 2 integers
  /// in two's complement.
  std::vector<std::uint64_t> sums();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// The linear map of `from` components to the `to` <= `from` principal ones, each divided by the fourth root of its
/// second moment: half-way to PCA whitening. What nearly all vectors share then weighs less, and what tells groups of
/// them apart more, while noise is not blown up as by whitening in full. With few vectors the moments are shrunk
/// towards equal ones (Ledoit & Wolf 2004 with a fixed weight: as if `from` vectors in equal directions had been seen
/// besides). No mean is subtracted: cosines are about the origin.
///
/// `sums` as from SecondMoments::sums, added up over all ranks. Returns [from, to], row-major. Single-threaded, and the
/// same bits on every machine of one architecture; about 0.3 s for 768 components. Throws Error for sums of another
/// size.
std::vector<float> half_whitening(std::size_t from, std::size_t to, std::span<const std::uint64_t> sums);

/// Multiplies vectors by a matrix, to the same bits on every processor: float32, terms added in index order.
class LinearMap {
 public:
  /// `matrix` is [from, to], row-major. Throws Error when it has another size.
  LinearMap(std::size_t from, std::size_t to, std::span<const float> matrix);

  std::size_t from() const { return from_; }
  std::size_t to() const { return to_; }

  /// out[i, :] = rows[i, :] matrix, for any number of rows; best in blocks of a multiple of 4. Thread-safe.
  void apply(std::span<const float> rows, std::span<float> out) const;

 private:
  std::size_t from_;
  std::size_t to_;
  std::vector<float> tiles_;  ///< the matrix cut into columns of equal width, padded with zeros
};

}  // namespace farpoint::text
