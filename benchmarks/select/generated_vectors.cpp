// SPDX-License-Identifier: Apache-2.0
#include "generated_vectors.hpp"

#include <algorithm>
#include <cmath>

#include "farpoint/base/parallel.hpp"
#include "farpoint/base/random.hpp"
#include "farpoint/select/distance.hpp"

namespace farpoint::select {

namespace {

constexpr std::uint64_t seed = 1;
enum Stream : std::uint64_t { of_middle, of_row, of_cluster, of_strength };

double uniform(Stream stream, std::uint64_t counter) {
  return static_cast<double>(random_bits(seed, stream, counter) >> 11) * 0x1p-53;
}

/// Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators": a tenth of Philox's cost.
std::uint64_t split_mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

/// Nearly normal, of variance 1: the sum of four 16-bit numbers, which is exact.
float nearly_normal(std::uint64_t bits) {
  const auto sum =
      static_cast<std::int32_t>((bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48));
  constexpr std::int32_t mean = 2 * 0xffff;
  constexpr float per_deviation = 1.7320508F / 0x1p16F;
  return static_cast<float>(sum - mean) * per_deviation;
}

/// row[k] += strength * scales[k] * a normal number.
void add_noise(Stream stream, std::uint64_t counter, float strength, std::span<const float> scales,
               std::span<float> row) {
  const std::uint64_t start = random_bits(seed, stream, counter);
  for (std::size_t k = 0; k < row.size(); ++k) {
    constexpr std::uint64_t golden = 0x9e3779b97f4a7c15;
    row[k] += strength * scales[k] * nearly_normal(split_mix(start + (k + 1) * golden));
  }
}

}  // namespace

GeneratedVectors::GeneratedVectors(std::size_t rows, std::size_t dimension)
    : dimension_(dimension), scales_(dimension), popularity_(std::clamp<std::size_t>(rows / 50, 300, 20'000)) {
  for (std::size_t k = 0; k < dimension; ++k) {
    scales_[k] = 1 / std::sqrt(1 + static_cast<float>(k) / 64);
  }
  double sum = 0;
  for (std::size_t cluster = 0; cluster < popularity_.size(); ++cluster) {
    popularity_[cluster] = sum += 1 / static_cast<double>(cluster + 1);
  }
  middles_.resize(popularity_.size() * dimension);
  for (std::size_t cluster = 0; cluster < popularity_.size(); ++cluster) {
    add_noise(of_middle, cluster, 1, scales_, std::span(middles_).subspan(cluster * dimension, dimension));
  }
}

void GeneratedVectors::make(std::uint64_t id, std::span<float> row) const {
  const double place = uniform(of_cluster, id) * popularity_.back();
  const auto found = std::upper_bound(popularity_.begin(), popularity_.end(), place);
  const auto cluster =
      std::min<std::size_t>(static_cast<std::size_t>(found - popularity_.begin()), popularity_.size() - 1);
  std::copy_n(middles_.data() + cluster * dimension_, dimension_, row.data());
  add_noise(of_row, id, static_cast<float>(0.2 + uniform(of_strength, id)), scales_, row);
  normalize(row);
}

void GeneratedVectors::make_range(std::uint64_t first, std::span<float> rows) const {
  const std::size_t count = dimension_ == 0 ? 0 : rows.size() / dimension_;
  parallel_for(count, 256, [&](std::size_t, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) make(first + i, rows.subspan(i * dimension_, dimension_));
  });
}

}  // namespace farpoint::select
