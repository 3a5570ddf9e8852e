// SPDX-License-Identifier: Apache-2.0
#include "affinities.hpp"

namespace farpoint::select {

namespace {

AffinityKernels kernels_for([[maybe_unused]] Instructions instructions) {
#if defined(__x86_64__)
  if (instructions >= Instructions::avx512) return avx512_kernels();
  if (instructions >= Instructions::avx2) return avx2_kernels();
#endif
  return portable_kernels();
}

}  // namespace

void greatest_affinities(const CentrePanels& centres, float scale, std::size_t first,
                         std::span<const float* const> rows, std::span<float> greatest, Instructions instructions) {
  kernels_for(instructions)
      .greatest({rows.data(), rows.size(), centres.dimension(), centres.values(), centres.penalties(), first,
                 centres.count(), scale, greatest.data()});
}

void two_greatest_hopeful_affinities(const CentrePanels& centres, float scale, std::span<const float* const> rows,
                                     std::span<TopTwo> greatest, Instructions instructions) {
  kernels_for(instructions)
      .two_greatest({rows.data(), rows.size(), centres.dimension(), centres.values(), centres.hopeful_penalties(), 0,
                     centres.count(), scale, greatest.data()});
}

void products_with(std::span<const float> vector, std::span<const float* const> rows, std::span<float> products,
                   Instructions instructions) {
  kernels_for(instructions).products({rows.data(), rows.size(), vector.size(), vector.data(), products.data()});
}

}  // namespace farpoint::select
