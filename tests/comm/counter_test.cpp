// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "farpoint/comm/communicator.hpp"
#include "mpi_world.hpp"

namespace farpoint::comm {
namespace {

/// Reads until `expected` has arrived or too much time has passed.
std::uint64_t read_until(SharedCounter& counter, std::uint64_t expected) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (counter.read() < expected && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return counter.read();
}

std::uint64_t sum_of_ranks() {
  const auto ranks = static_cast<std::uint64_t>(world().size());
  return ranks * (ranks + 1) / 2;
}

TEST(Counter, BeginsAtZero) {
  const auto counter = world().make_counter();

  if (world().rank() == 0) {
    EXPECT_EQ(counter->read(), 0u);
  }
}

TEST(Counter, ArrivesWhileTheOtherRanksWaitInABarrier) {
  const auto counter = world().make_counter();

  counter->add(static_cast<std::uint64_t>(world().rank()) + 1);

  if (world().rank() == 0) {
    EXPECT_EQ(read_until(*counter, sum_of_ranks()), sum_of_ranks());
  }
  world().barrier();
}

TEST(Counter, TakesManyAddsThatNobodyReads) {
  constexpr std::uint64_t adds = 20'000;
  const auto counter = world().make_counter();

  for (std::uint64_t i = 0; i < adds; ++i) counter->add(static_cast<std::uint64_t>(world().rank()) + 1);

  // Rank 0 reads only after this barrier: an add() that waited for it would hang.
  world().barrier();
  if (world().rank() == 0) {
    EXPECT_EQ(read_until(*counter, adds * sum_of_ranks()), adds * sum_of_ranks());
  }
  world().barrier();
}

TEST(Counter, EndsWithUnreadAdds) {
  auto counter = world().make_counter();
  for (int i = 0; i < 1000; ++i) counter->add(1);

  counter.reset();

  world().barrier();
}

TEST(Counter, TwoDoNotMix) {
  const auto first = world().make_counter();
  const auto second = world().make_counter();

  second->add(10);
  first->add(1);
  second->add(0);

  if (world().rank() == 0) {
    const auto ranks = static_cast<std::uint64_t>(world().size());
    EXPECT_EQ(read_until(*first, ranks), ranks);
    EXPECT_EQ(read_until(*second, 10 * ranks), 10 * ranks);
  }
}

}  // namespace
}  // namespace farpoint::comm
