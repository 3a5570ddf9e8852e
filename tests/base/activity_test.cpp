// SPDX-License-Identifier: Apache-2.0
#include "farpoint/base/activity.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <thread>

namespace farpoint {
namespace {

void sleep_ms(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

double seconds_between(std::chrono::steady_clock::time_point from) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count();
}

TEST(Activity, EachMomentCountsOnce) {
  const auto start = std::chrono::steady_clock::now();
  const auto before = time_use();
  sleep_ms(20);
  {
    const ScopedActivity files(Activity::files);
    sleep_ms(20);
    {
      const ScopedActivity communicating(Activity::communicating);
      sleep_ms(20);
      const ScopedActivity again(Activity::communicating);
      sleep_ms(20);
    }
    const ScopedActivity same(Activity::files);
    sleep_ms(20);
  }
  const auto spent = time_use() - before;
  const auto wall = seconds_between(start);
  // A sleep is never shorter than asked for, so what the others got is an upper limit too.
  EXPECT_GE(spent.computing, 0.02);
  EXPECT_GE(spent.files, 0.04);
  EXPECT_GE(spent.communication, 0.04);
  EXPECT_LE(spent.sum(), wall);
  EXPECT_NEAR(spent.work(), spent.sum() - spent.communication, 1e-9);
}

TEST(Activity, ReturnsToWhatWasBeforeAlsoByExceptions) {
  const ScopedActivity files(Activity::files);
  const auto interrupted = [] {
    const ScopedActivity communicating(Activity::communicating);
    EXPECT_EQ(current_activity(), Activity::communicating);
    throw std::runtime_error("");
  };
  EXPECT_THROW(interrupted(), std::runtime_error);
  EXPECT_EQ(current_activity(), Activity::files);
}

TEST(Activity, OnlyChangesAreCounted) {
  const auto before = activity_changes();
  {
    const ScopedActivity files(Activity::files);
    for (int i = 0; i < 10; ++i) const ScopedActivity same(Activity::files);
  }
  EXPECT_EQ(activity_changes(), before + 2);
}

TEST(Activity, OtherThreadsDoNotCount) {
  const auto before = time_use();
  const auto changes = activity_changes();
  std::thread other([] {
    const ScopedActivity files(Activity::files);
    sleep_ms(20);
  });
  other.join();
  EXPECT_EQ((time_use() - before).files, 0);
  EXPECT_EQ(activity_changes(), changes);
}

}  // namespace
}  // namespace farpoint
