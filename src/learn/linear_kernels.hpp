// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

/// The loops over features that a pass over the examples consists of, for the widest registers that the processor has.
/// Each number has its own sum or a fixed order of summation, so the bits are the same on all.
namespace farpoint::learn {

/// Rows of scaled features that are worked on together: [block_rows, stride] float64, whose stride is a multiple of
/// `lanes`. What lies behind the features, and rows that are not there, are 0.
constexpr std::size_t block_rows = 8;
constexpr std::size_t lanes = 8;

constexpr std::size_t padded(std::size_t width) {
  return (width + lanes - 1) / lanes * lanes;
}

/// The largest products that add_products() may meet, with a factor of two to spare for how they are rounded.
constexpr double largest_term = 1LL << 50;

/// scaled[j] = (row[j] - centre[j]) * factor[j]
void scale_row(const float* row, const double* centre, const double* factor, std::size_t width, double* scaled);

/// products[r] = row r . weights
void multiply_block(const double* block, const double* weights, std::size_t stride, double* products);

/// sums[j] += factors[0] * block[0][j] + ... + factors[7] * block[7][j], each product first rounded to a whole number.
void add_products(const double* block, const double* factors, std::size_t stride, std::int64_t* sums);

/// The least and the greatest of each feature so far. `spoilt` becomes NaN where a number is not finite.
void widen_range(const float* row, std::size_t width, float* least, float* greatest, float* spoilt);

}  // namespace farpoint::learn
