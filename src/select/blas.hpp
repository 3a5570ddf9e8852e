// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

// The Fortran interface, because every BLAS has it: OpenBLAS and MKL give the symbol without a header.
extern "C" void sgemm_(const char* transpose_a, const char* transpose_b, const int* m, const int* n, const int* k,
                       const float* alpha, const float* a, const int* lda, const float* b, const int* ldb,
                       const float* beta, float* c, const int* ldc);

namespace farpoint::select {

/// out[j * a_rows + i] = scale * (a_i . b_j) for row-major a [a_rows, dimension] and b [b_rows, dimension].
/// Inside a parallel region it runs on the calling thread alone.
inline void products(float scale, const float* a, std::size_t a_rows, const float* b, std::size_t b_rows,
                     std::size_t dimension, float* out) {
  const int m = static_cast<int>(a_rows);
  const int n = static_cast<int>(b_rows);
  const int k = static_cast<int>(dimension);
  const float zero = 0;
  sgemm_("T", "N", &m, &n, &k, &scale, a, &k, b, &k, &zero, out, &m);
}

}  // namespace farpoint::select
