// SPDX-License-Identifier: Apache-2.0
#include "farpoint/base/parallel.hpp"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <exception>

namespace farpoint {

std::size_t thread_count() {
  return static_cast<std::size_t>(omp_get_max_threads());
}

void parallel_for(std::size_t count, std::size_t grain,
                  const std::function<void(std::size_t thread, std::size_t begin, std::size_t end)>& work) {
  // An exception that leaves an OpenMP region ends the program.
  std::exception_ptr first;
  std::atomic<bool> failed = false;
  const std::size_t ranges = (count + grain - 1) / grain;
#pragma omp parallel for schedule(dynamic)
  for (std::size_t range = 0; range < ranges; ++range) {
    if (failed.load(std::memory_order_relaxed)) continue;
    try {
      const std::size_t begin = range * grain;
      work(static_cast<std::size_t>(omp_get_thread_num()), begin, std::min(begin + grain, count));
    } catch (...) {
      if (!failed.exchange(true)) first = std::current_exception();
    }
  }
  if (first) std::rethrow_exception(first);
}

}  // namespace farpoint
