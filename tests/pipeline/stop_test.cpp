// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/stop.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "farpoint/comm/run.hpp"
#include "mpi_world.hpp"

namespace farpoint::pipeline {
namespace {

/// What the ranks end with, or nothing.
std::string stopped_by(const std::function<void()>& body) {
  try {
    body();
  } catch (const comm::AgreedError& error) {
    EXPECT_EQ(error.code(), ExitCode::stopped);
    return error.what();
  }
  return "";
}

bool hears(StopRequest& request) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!request.requested() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return request.requested();
}

TEST(StopRequest, NobodyAsks) {
  StopRequest request(world(), std::nullopt);
  StopPoints points(request, world());
  EXPECT_FALSE(request.requested());
  for (int i = 0; i < 1000; ++i) points.point();
  points.settle(false);
}

TEST(StopRequest, ASignalToOneRankReachesAll) {
  for (int signalled = 0; signalled < world().size(); ++signalled) {
    StopRequest request(world(), std::nullopt);
    if (world().rank() == signalled) std::raise(SIGTERM);
    EXPECT_TRUE(hears(request));
  }
}

TEST(StopRequest, TheTimeIsUp) {
  StopRequest request(world(), 0.0);
  StopPoints points(request, world());
  EXPECT_NE(stopped_by([&] { points.point(); }).find("at the time limit"), std::string::npos);
}

TEST(StopRequest, TheTimeIsNotUp) {
  StopRequest request(world(), 3600.0);
  EXPECT_FALSE(request.requested());
}

TEST(StopRequest, PiecesAreGivenUpByAnyThreadOnceItHasBeenPatient) {
  StopRequest request(world(), std::nullopt, std::chrono::milliseconds(50));
  request.check_piece();
  std::raise(SIGUSR1);
  request.check_piece();
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  EXPECT_THROW(request.check_piece(), PieceGivenUp);
  bool other_gives_up = false;
  std::thread([&] {
    try {
      request.check_piece();
    } catch (const PieceGivenUp&) {
      other_gives_up = true;
    }
  }).join();
  EXPECT_TRUE(other_gives_up);
}

TEST(StopPoints, RanksInStepStopTogetherWhoeverIsSignalled) {
  for (int signalled = 0; signalled < world().size(); ++signalled) {
    StopRequest request(world(), std::nullopt);
    StopPoints points(request, world());
    int steps = 0;
    const auto why = stopped_by([&] {
      // Ranks differ in speed; all make the same number of steps.
      for (; steps < 100'000; ++steps) {
        if (steps == 500 && world().rank() == signalled) std::raise(SIGUSR1);
        points.point();
      }
    });
    EXPECT_NE(why.find("on SIGUSR1"), std::string::npos) << why;
    EXPECT_GE(steps, 500);
    EXPECT_LT(steps, 1000);
  }
}

TEST(StopPoints, OneThatLeftEarlyStopsAll) {
  StopRequest request(world(), std::nullopt);
  StopPoints points(request, world());
  const bool last = world().rank() == world().size() - 1;
  if (last) std::raise(SIGUSR1);
  EXPECT_NE(stopped_by([&] { points.settle(last); }), "");
}

TEST(StopPoints, AnOrderThatCameTooLateIsLeftToTheNextPlace) {
  StopRequest request(world(), std::nullopt);
  StopPoints points(request, world());
  std::raise(SIGUSR1);
  points.settle(false);
  EXPECT_NE(stopped_by([&] { points.point(); }), "");
}

}  // namespace
}  // namespace farpoint::pipeline
