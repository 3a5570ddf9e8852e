// SPDX-License-Identifier: Apache-2.0
#include "plain_loop.hpp"

#include <omp.h>

#include <algorithm>

namespace farpoint::select {

namespace {

struct Farthest {
  float distance = -1;
  std::size_t row = 0;
  bool operator<(const Farthest& other) const {
    return distance < other.distance || (distance == other.distance && row > other.row);
  }
};

float product(const float* x, const float* y, std::size_t dimension) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (std::size_t k = 0; k < dimension; ++k) sum += x[k] * y[k];
  return sum;
}

Farthest sweep(const Vectors& vectors, const float* centre, std::vector<float>& distances) {
  std::vector<Farthest> farthest(static_cast<std::size_t>(omp_get_max_threads()));
#pragma omp parallel
  {
    Farthest best;
#pragma omp for schedule(static)
    for (std::size_t row = 0; row < distances.size(); ++row) {
      const float distance = 1 - product(vectors.row(row).data(), centre, vectors.dimension());
      distances[row] = std::min(distances[row], distance);
      best = std::max(best, Farthest{distances[row], row});
    }
    farthest[static_cast<std::size_t>(omp_get_thread_num())] = best;
  }
  return *std::max_element(farthest.begin(), farthest.end());
}

}  // namespace

std::vector<std::uint64_t> plain_loop(const Vectors& vectors, std::uint64_t records) {
  std::vector<std::uint64_t> ids;
  std::vector<float> distances(vectors.size(), 3);
  Farthest next;
  while (ids.size() < records) {
    ids.push_back(vectors.id(next.row));
    next = sweep(vectors, vectors.row(next.row).data(), distances);
  }
  return ids;
}

}  // namespace farpoint::select
