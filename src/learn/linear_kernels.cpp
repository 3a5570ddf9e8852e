// SPDX-License-Identifier: Apache-2.0
#include "linear_kernels.hpp"

#include <array>
#include <bit>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define FARPOINT_FOR_EACH_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FARPOINT_FOR_EACH_PROCESSOR
#endif

namespace farpoint::learn {

namespace {

/// Rows whose sums fit into the registers together.
constexpr std::size_t group_rows = 4;

using Lanes = std::array<double, lanes>;

/// 1.5 * 2^52: among doubles of this size the last bit is 1, so adding it rounds, and the bits then count.
constexpr double shift = 6755399441055744.0;
constexpr auto shift_bits = std::bit_cast<std::int64_t>(shift);

double sum_of(const Lanes& x) {
  return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
}

}  // namespace

FARPOINT_FOR_EACH_PROCESSOR void scale_row(const float* __restrict row, const double* __restrict centre,
                                           const double* __restrict factor, std::size_t width,
                                           double* __restrict scaled) {
  for (std::size_t j = 0; j < width; ++j) scaled[j] = (static_cast<double>(row[j]) - centre[j]) * factor[j];
}

FARPOINT_FOR_EACH_PROCESSOR void multiply_block(const double* __restrict block, const double* __restrict weights,
                                                std::size_t stride, double* __restrict products) {
  for (std::size_t first = 0; first < block_rows; first += group_rows) {
    const double* rows = block + first * stride;
    std::array<Lanes, group_rows> sums{};
    for (std::size_t j = 0; j < stride; j += lanes) {
      for (std::size_t r = 0; r < group_rows; ++r) {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
          sums[r][lane] += rows[r * stride + j + lane] * weights[j + lane];
        }
      }
    }
    for (std::size_t r = 0; r < group_rows; ++r) products[first + r] = sum_of(sums[r]);
  }
}

FARPOINT_FOR_EACH_PROCESSOR void add_products(const double* __restrict block, const double* __restrict factors,
                                              std::size_t stride, std::int64_t* __restrict sums) {
  for (std::size_t j = 0; j < stride; ++j) {
    std::int64_t sum = sums[j];
    for (std::size_t r = 0; r < block_rows; ++r) {
      sum += std::bit_cast<std::int64_t>(block[r * stride + j] * factors[r] + shift) - shift_bits;
    }
    sums[j] = sum;
  }
}

FARPOINT_FOR_EACH_PROCESSOR void widen_range(const float* __restrict row, std::size_t width, float* __restrict least,
                                             float* __restrict greatest, float* __restrict spoilt) {
  for (std::size_t j = 0; j < width; ++j) {
    least[j] = row[j] < least[j] ? row[j] : least[j];
    greatest[j] = row[j] > greatest[j] ? row[j] : greatest[j];
    spoilt[j] += row[j] * 0.0F;
  }
}

}  // namespace farpoint::learn
