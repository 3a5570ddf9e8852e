// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/speed.hpp"

#include <ctime>
#include <vector>

#include "blas.hpp"

namespace farpoint::select {

namespace {

/// Of this thread: others may be at work beside it.
double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace

double measure_product_rate() {
  load_blas();
  // A batch of tokens times the weights of a layer.
  constexpr std::size_t rows = 1024, inner = 384, columns = 1536;
  const std::vector<float> a(rows * inner, 0.5F), b(columns * inner, 0.25F);
  std::vector<float> out(rows * columns);
  double operations = 0, seconds = 0;
  products(1, a.data(), rows, b.data(), columns, inner, out.data());  // the first one maps the pages
  const double start = processor_seconds();
  while (seconds < 0.1) {
    products(1, a.data(), rows, b.data(), columns, inner, out.data());
    operations += 2.0 * rows * inner * columns;
    seconds = processor_seconds() - start;
  }
  return operations / seconds;
}

}  // namespace farpoint::select
