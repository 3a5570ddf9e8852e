// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "farpoint/comm/communicator.hpp"
#include "mpi_world.hpp"

namespace farpoint::comm {
namespace {

/// Waits for the news, but not for ever.
bool hears(SharedFlag& flag) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!flag.raised() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return flag.raised();
}

TEST(Flag, IsNotRaisedByItself) {
  const auto flag = world().make_flag();
  world().barrier();
  EXPECT_FALSE(flag->raised());
}

TEST(Flag, EachRankIsHeardByAll) {
  for (int raising = 0; raising < world().size(); ++raising) {
    const auto flag = world().make_flag();
    if (world().rank() == raising) flag->raise();
    EXPECT_TRUE(hears(*flag)) << "raised by rank " << raising;
  }
}

TEST(Flag, AllMayRaiseItAndAgain) {
  const auto flag = world().make_flag();
  flag->raise();
  flag->raise();
  EXPECT_TRUE(flag->raised());
}

TEST(Flag, EndsThoughNobodyHasListened) {
  const auto flag = world().make_flag();
  if (world().rank() == world().size() - 1) flag->raise();
}

TEST(Flag, ReachesOtherGroupsThanItsOwn) {
  const auto flag = world().make_flag();
  const auto group = world().split(world().rank() % 2, 0);
  if (world().rank() == 0) flag->raise();
  group->barrier();
  EXPECT_TRUE(hears(*flag));
}

TEST(WaitForAll, CallsWhileARankIsLate) {
  const bool late = world().rank() == world().size() - 1;
  const auto flag = world().make_flag();
  // The late one comes only when the others, who wait, have told it something.
  if (late && world().size() > 1) {
    EXPECT_TRUE(hears(*flag));
  }
  world().wait_for_all([&] { flag->raise(); });
  EXPECT_EQ(flag->raised(), world().size() > 1);
}

TEST(WaitForAll, IsOneCollectiveCall) {
  const auto before = world().collective_calls();
  world().wait_for_all([] {});
  EXPECT_EQ(world().collective_calls(), before + 1);
}

}  // namespace
}  // namespace farpoint::comm
