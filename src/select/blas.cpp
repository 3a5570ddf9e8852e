// SPDX-License-Identifier: Apache-2.0
#include "blas.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>

#include "farpoint/base/error.hpp"

namespace farpoint::select {

namespace {

/// OpenBLAS chooses its kernels by the processor's model number when it is loaded, and takes those of 2004 for models
/// that are newer than itself, which are several times slower. What the processor can do is the better question.
void choose_kernels() {
#if defined(__x86_64__)
  constexpr int keep_the_users = 0;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl")) {
    setenv("OPENBLAS_CORETYPE", "SkylakeX", keep_the_users);
  } else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    setenv("OPENBLAS_CORETYPE", "Haswell", keep_the_users);
  }
#endif
}

/// Loaded at run time, because the choice must be made before the library is there. A BLAS that the process has anyway,
/// such as that of a shared FAISS, is taken instead; libtorch's is out of sight (src/models/front/model_library.cpp).
Sgemm* find_sgemm() {
  if (void* symbol = dlsym(RTLD_DEFAULT, "sgemm_")) return reinterpret_cast<Sgemm*>(symbol);
  choose_kernels();
  for (const char* name : {FARPOINT_BLAS_LIBRARY, "libopenblas.so.0", "libblas.so.3"}) {
    void* library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) continue;
    if (void* symbol = dlsym(library, "sgemm_")) return reinterpret_cast<Sgemm*>(symbol);
  }
  throw Error(fmt::format("no BLAS library can be loaded ({}): install libopenblas0-openmp", dlerror()));
}

}  // namespace

Sgemm* sgemm() {
  static Sgemm* const found = find_sgemm();
  return found;
}

void load_blas() {
  sgemm();
}

void products(float scale, const float* a, std::size_t a_rows, const float* b, std::size_t b_rows,
              std::size_t dimension, float* out) {
  const int m = static_cast<int>(a_rows);
  const int n = static_cast<int>(b_rows);
  const int k = static_cast<int>(dimension);
  const float zero = 0;
  sgemm()("T", "N", &m, &n, &k, &scale, a, &k, b, &k, &zero, out, &m);
}

}  // namespace farpoint::select
