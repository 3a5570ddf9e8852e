// SPDX-License-Identifier: Apache-2.0
// What the tasks for accelerators see of rows, centres and bounds: raw pointers to the accelerator's memory.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "../screening.hpp"
#include "farpoint/base/half_float.hpp"
#include "farpoint/select/stored_rows.hpp"

// A task is compiled twice: for the GPU, and by the host's compiler for the tests.
#ifdef __CUDACC__
#define FARPOINT_DEVICE __host__ __device__
#else
#define FARPOINT_DEVICE
#endif

namespace farpoint::select {

/// Rows as they are stored; numbers are widened, exactly, when they are read.
struct RowsView {
  const void* numbers = nullptr;  ///< [rows, dimension]
  Storage storage = Storage::float32;
  std::uint32_t dimension = 0;

  FARPOINT_DEVICE float at(std::size_t row, std::uint32_t k) const {
    const std::size_t place = row * dimension + k;
    if (storage == Storage::float32) return static_cast<const float*>(numbers)[place];
    const std::uint16_t bits = static_cast<const std::uint16_t*>(numbers)[place];
    return storage == Storage::float16 ? half_to_float(bits) : bfloat16_to_float(bits);
  }
};

/// As in Centres.
struct CentresView {
  const float* rows = nullptr;  ///< [count, dimension]
  const float* norms = nullptr;
  const float* penalties = nullptr;
  const float* hopeful_penalties = nullptr;
  const float* longest = nullptr;  ///< [c]: the largest norm of the centres from c on
  const std::uint64_t* labels = nullptr;
  std::uint32_t count = 0;

  FARPOINT_DEVICE const float* row(std::uint32_t c, std::uint32_t dimension) const {
    return rows + static_cast<std::size_t>(c) * dimension;
  }
};

constexpr double value_of_chosen = -std::numeric_limits<double>::infinity();

/// The rows' place in the order of choice by value.
struct OrderView {
  const double* bounds = nullptr;
  // Null where they do not matter:
  const double* weights = nullptr;
  const std::uint32_t* labels = nullptr;
  const std::uint8_t* is_open = nullptr;  ///< by label
  const std::uint8_t* barred = nullptr;

  /// That of a chosen row for rows that are not looked at.
  FARPOINT_DEVICE double value(std::size_t row) const {
    if (barred != nullptr && barred[row] != 0) return value_of_chosen;
    if (is_open != nullptr && is_open[labels == nullptr ? 0 : labels[row]] == 0) return value_of_chosen;
    return weights == nullptr ? bounds[row] : weights[row] * bounds[row];
  }
};

/// An integer of the same order; both zeros have the same. Not for NaN.
FARPOINT_DEVICE inline std::uint64_t ordered(double value) {
  constexpr std::uint64_t sign = std::uint64_t{1} << 63;
  const auto bits = std::bit_cast<std::uint64_t>(value + 0.0);  // -0 + 0 is +0
  return (bits & sign) != 0 ? ~bits : bits | sign;
}

FARPOINT_DEVICE inline double from_ordered(std::uint64_t integer) {
  constexpr std::uint64_t sign = std::uint64_t{1} << 63;
  return std::bit_cast<double>((integer & sign) != 0 ? integer & ~sign : ~integer);
}

// Not fused into one operation: canonical values round each of them.
FARPOINT_DEVICE inline double rounded_product(double x, double y) {
#ifdef __CUDA_ARCH__
  return __dmul_rn(x, y);
#else
  return x * y;
#endif
}

FARPOINT_DEVICE inline double rounded_sum(double x, double y) {
#ifdef __CUDA_ARCH__
  return __dadd_rn(x, y);
#else
  return x + y;
#endif
}

/// canonical() of distance.hpp, to the same bits.
FARPOINT_DEVICE inline double canonical_value(Metric metric, const RowsView& rows, std::size_t row,
                                              const float* centre) {
  double sum = 0;
  if (metric == Metric::l2) {
    for (std::uint32_t k = 0; k < rows.dimension; ++k) {
      const double difference = static_cast<double>(rows.at(row, k)) - static_cast<double>(centre[k]);
      sum = rounded_sum(sum, rounded_product(difference, difference));
    }
    return sum;
  }
  for (std::uint32_t k = 0; k < rows.dimension; ++k) {
    sum = rounded_sum(sum, rounded_product(rows.at(row, k), centre[k]));
  }
  return 1 - sum;
}

// The host runs one index after the other, so it needs no atomic operations.

/// What was there before.
FARPOINT_DEVICE inline std::uint32_t atomic_increment(std::uint32_t* number) {
#ifdef __CUDA_ARCH__
  return atomicAdd(number, 1U);
#else
  return (*number)++;
#endif
}

FARPOINT_DEVICE inline void atomic_lower(std::uint64_t* number, std::uint64_t other) {
#ifdef __CUDA_ARCH__
  static_assert(sizeof(unsigned long long) == sizeof(std::uint64_t));
  atomicMin(reinterpret_cast<unsigned long long*>(number), static_cast<unsigned long long>(other));
#else
  if (other < *number) *number = other;
#endif
}

}  // namespace farpoint::select
