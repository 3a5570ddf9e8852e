// SPDX-License-Identifier: Apache-2.0
// What a static FAISS wants of BLAS and LAPACK. Were a BLAS linked by name, it would be loaded before blas.cpp can
// choose its kernels. So FAISS' products go to the BLAS that ours go to, and the rest, of
// parts of FAISS that nobody calls here, is not there. Hidden: no other library of the program sees these names.
#include <cstdio>
#include <cstdlib>

#include "blas.hpp"

#define FARPOINT_NOT_LINKED(name)                                                                  \
  extern "C" __attribute__((visibility("hidden"))) void name();                                    \
  extern "C" void name() {                                                                         \
    std::fputs("farpoint: FAISS called " #name ", which this program is built without\n", stderr); \
    std::abort();                                                                                  \
  }

extern "C" __attribute__((visibility("hidden"))) farpoint::select::Sgemm sgemm_;

extern "C" void sgemm_(const char* transpose_a, const char* transpose_b, const int* m, const int* n, const int* k,
                       const float* alpha, const float* a, const int* lda, const float* b, const int* ldb,
                       const float* beta, float* c, const int* ldc) {
  farpoint::select::sgemm()(transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

FARPOINT_NOT_LINKED(sgeqrf_)
FARPOINT_NOT_LINKED(sorgqr_)
FARPOINT_NOT_LINKED(sgesvd_)
FARPOINT_NOT_LINKED(sgelsd_)
FARPOINT_NOT_LINKED(sgetrf_)
FARPOINT_NOT_LINKED(sgetri_)
FARPOINT_NOT_LINKED(ssyrk_)
FARPOINT_NOT_LINKED(dgemm_)
FARPOINT_NOT_LINKED(dgesvd_)
FARPOINT_NOT_LINKED(dgetrf_)
FARPOINT_NOT_LINKED(dgetri_)
FARPOINT_NOT_LINKED(dsyev_)
