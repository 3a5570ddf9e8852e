// SPDX-License-Identifier: Apache-2.0
#include "farpoint/base/stop_signals.hpp"

#include <gtest/gtest.h>

#include <string>

namespace farpoint {
namespace {

TEST(StopSignals, NoneAtFirst) {
  const StopSignals signals;
  EXPECT_EQ(StopSignals::received(), 0);
}

TEST(StopSignals, AreNotedByNumber) {
  for (const int signal : {SIGUSR1, SIGTERM, SIGINT}) {
    const StopSignals signals;
    std::raise(signal);
    EXPECT_EQ(StopSignals::received(), signal);
  }
}

TEST(StopSignals, MayComeAgain) {
  const StopSignals signals;
  for (int i = 0; i < 3; ++i) {
    std::raise(SIGUSR1);
    std::raise(SIGTERM);
  }
  EXPECT_EQ(StopSignals::received(), SIGTERM);
}

TEST(StopSignalsDeathTest, ASecondInterruptEndsTheProcess) {
  EXPECT_EXIT(
      {
        const StopSignals signals;
        std::raise(SIGINT);
        std::raise(SIGINT);
      },
      testing::KilledBySignal(SIGINT), "");
}

TEST(StopSignalsDeathTest, AfterwardsTheyEndTheProcessAsBefore) {
  EXPECT_EXIT(
      {
        { const StopSignals signals; }
        std::raise(SIGUSR1);
      },
      testing::KilledBySignal(SIGUSR1), "");
}

TEST(StopSignals, HaveNames) {
  EXPECT_EQ(signal_name(SIGTERM), std::string("SIGTERM"));
}

}  // namespace
}  // namespace farpoint
