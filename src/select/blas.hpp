// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace farpoint::select {

/// out[j * a_rows + i] = scale * (a_i . b_j) for row-major a [a_rows, dimension] and b [b_rows, dimension].
/// Inside a parallel region it runs on the calling thread alone, given a BLAS that is built with OpenMP, as the one
/// that scripts/setup.sh installs. Throws Error at the first call of the process when no BLAS can be loaded: make that
/// call outside of parallel regions (load_blas()).
void products(float scale, const float* a, std::size_t a_rows, const float* b, std::size_t b_rows,
              std::size_t dimension, float* out);

void load_blas();

/// The Fortran interface: every BLAS has it.
using Sgemm = void(const char* transpose_a, const char* transpose_b, const int* m, const int* n, const int* k,
                   const float* alpha, const float* a, const int* lda, const float* b, const int* ldb,
                   const float* beta, float* c, const int* ldc);

/// The one that products() calls.
Sgemm* sgemm();

}  // namespace farpoint::select
