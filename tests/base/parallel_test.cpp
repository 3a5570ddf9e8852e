// SPDX-License-Identifier: Apache-2.0
#include "farpoint/base/parallel.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

#include "farpoint/base/machine.hpp"

namespace farpoint {
namespace {

TEST(ParallelFor, visits_each_number_once_whatever_the_threads_and_the_grain) {
  for (const int threads : {1, 3}) {
    set_threads(threads);
    for (const std::size_t count : {0UL, 1UL, 10UL, 1000UL}) {
      for (const std::size_t grain : {1UL, 7UL, 5000UL}) {
        std::vector<std::atomic<int>> visits(count);
        parallel_for(count, grain, [&](std::size_t thread, std::size_t begin, std::size_t end) {
          EXPECT_LT(thread, thread_count());
          EXPECT_LE(end - begin, grain);
          for (std::size_t i = begin; i < end; ++i) ++visits[i];
        });
        for (const auto& visit : visits) EXPECT_EQ(visit, 1);
      }
    }
  }
}

TEST(ParallelFor, throws_what_a_thread_threw) {
  set_threads(3);
  const auto fail = [](std::size_t, std::size_t begin, std::size_t) {
    if (begin == 500) throw std::runtime_error("at 500");
  };
  EXPECT_THROW(parallel_for(1000, 1, fail), std::runtime_error);
}

}  // namespace
}  // namespace farpoint
