// SPDX-License-Identifier: Apache-2.0
#include "affinities.hpp"

namespace farpoint::select {

// Each in a file of its own, compiled for its processors.
void run_portable(const AffinityTask<float>& task);
void run_portable(const AffinityTask<TopTwo>& task);
void run_portable(const ProductTask& task);
#if defined(__x86_64__)
void run_avx2(const AffinityTask<float>& task);
void run_avx2(const AffinityTask<TopTwo>& task);
void run_avx2(const ProductTask& task);
void run_avx512(const AffinityTask<float>& task);
void run_avx512(const AffinityTask<TopTwo>& task);
void run_avx512(const ProductTask& task);
#endif

namespace {

template <typename Task>
void run(const Task& task, [[maybe_unused]] Instructions instructions) {
#if defined(__x86_64__)
  if (instructions == Instructions::avx512) return run_avx512(task);
  if (instructions == Instructions::avx2) return run_avx2(task);
#endif
  run_portable(task);
}

Instructions find_best() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return Instructions::avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return Instructions::avx2;
#endif
  return Instructions::portable;
}

}  // namespace

Instructions best_instructions() {
  static const Instructions best = find_best();
  return best;
}

void greatest_affinities(const CentrePanels& centres, float scale, std::size_t first,
                         std::span<const float* const> rows, std::span<float> greatest, Instructions instructions) {
  const AffinityTask<float> task{rows.data(),         rows.size(), centres.dimension(), centres.values(),
                                 centres.penalties(), first,       centres.count(),     scale,
                                 greatest.data()};
  run(task, instructions);
}

void two_greatest_hopeful_affinities(const CentrePanels& centres, float scale, std::span<const float* const> rows,
                                     std::span<TopTwo> greatest, Instructions instructions) {
  const AffinityTask<TopTwo> task{
      rows.data(),     rows.size(), centres.dimension(), centres.values(), centres.hopeful_penalties(), 0,
      centres.count(), scale,       greatest.data()};
  run(task, instructions);
}

void products_with(std::span<const float> vector, std::span<const float> rows, std::span<float> products,
                   Instructions instructions) {
  run(ProductTask{rows.data(), products.size(), vector.size(), vector.data(), products.data()}, instructions);
}

}  // namespace farpoint::select
