// SPDX-License-Identifier: Apache-2.0
#include "kernels.hpp"

namespace farpoint::models {

const KernelTable& kernels_for([[maybe_unused]] Instructions instructions) {
#if defined(__x86_64__)
  static const KernelTable avx512_bf16{avx512_kernels().fp32, avx512_bf16_kernels()};
  static const KernelTable avx512 = avx512_kernels();
  static const KernelTable avx2 = avx2_kernels();
  if (instructions == Instructions::avx512_bf16) return avx512_bf16;
  if (instructions == Instructions::avx512) return avx512;
  if (instructions == Instructions::avx2) return avx2;
#endif
  static const KernelTable portable = portable_kernels();
  return portable;
}

}  // namespace farpoint::models
