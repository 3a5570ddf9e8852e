// SPDX-License-Identifier: Apache-2.0
#include "sparse_projection.hpp"

#include <fmt/format.h>

#include "farpoint/base/error.hpp"
#include "farpoint/base/random.hpp"

namespace farpoint::text {

namespace {

constexpr std::size_t lane_bits = 16;
constexpr std::size_t lanes = 64 / lane_bits;

std::size_t checked(std::size_t dimension) {
  if (dimension >= SparseProjection::blocks && dimension <= SparseProjection::largest_dimension) return dimension;
  throw UsageError(fmt::format("built-in vectors of dimension {}: the dimension must be from {} to {}", dimension,
                               SparseProjection::blocks, SparseProjection::largest_dimension));
}

}  // namespace

SparseProjection::SparseProjection(std::size_t dimension, std::size_t features, std::uint64_t seed)
    : dimension_(checked(dimension)), places_(features) {
  for (std::size_t feature = 0; feature < features; ++feature) {
    for (std::size_t block = 0; block < blocks; ++block) {
      const std::uint64_t random = random_bits(seed, block / lanes, feature) >> (block % lanes * lane_bits);
      const std::size_t first = block * dimension / blocks;
      const std::size_t width = (block + 1) * dimension / blocks - first;
      // Fifteen bits choose the place, the sixteenth the sign.
      const std::size_t place = first + (((random >> 1) & 0x7fff) * width >> 15);
      places_[feature][block] = static_cast<std::uint16_t>(place << 1 | (random & 1));
    }
  }
}

}  // namespace farpoint::text
