// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <new>

#include "farpoint/comm/run.hpp"
#include "mpi_world.hpp"

namespace farpoint::comm {
namespace {

/// The error that agree() throws here, or one with an empty message.
AgreedError agreed_error(const std::function<void()>& body) {
  try {
    agree(world(), body);
  } catch (const AgreedError& error) {
    return error;
  }
  return AgreedError("");
}

std::string with_rank(int rank, const std::string& message) {
  return world().size() == 1 ? message : "rank " + std::to_string(rank) + ": " + message;
}

TEST(Agree, ReturnsWhenNoRankFailsAfterOneCollectiveCall) {
  const auto before = world().collective_calls();
  int calls = 0;

  agree(world(), [&] { ++calls; });

  EXPECT_EQ(calls, 1);
  EXPECT_EQ(world().collective_calls(), before + 1);
}

TEST(Agree, OneFailingRankIsNamedOnAll) {
  for (int failing = 0; failing < world().size(); ++failing) {
    const auto error = agreed_error([&] {
      if (world().rank() == failing) throw Error("shard 7 is damaged");
    });

    EXPECT_EQ(error.what(), with_rank(failing, "shard 7 is damaged"));
    EXPECT_EQ(error.code(), ExitCode::failed);
  }
}

TEST(Agree, TheLowestFailingRankCounts) {
  const int lowest = world().size() / 2;
  const auto error = agreed_error([&] {
    if (world().rank() < lowest) return;
    if (world().rank() == lowest) throw UsageError("of the lowest");
    throw Error("of rank " + std::to_string(world().rank()));
  });

  EXPECT_EQ(error.what(), with_rank(lowest, "of the lowest"));
  EXPECT_EQ(error.code(), ExitCode::usage);
}

TEST(Agree, WhatFailsAlikeEverywhereIsToldWithoutARank) {
  const auto error = agreed_error([] { throw UsageError("a.yaml:3: unknown key 'x'"); });

  EXPECT_STREQ(error.what(), "a.yaml:3: unknown key 'x'");
  EXPECT_EQ(error.code(), ExitCode::usage);
}

TEST(Agree, KnowsOtherExceptions) {
  EXPECT_STREQ(agreed_error([] { throw std::bad_alloc(); }).what(), "out of memory");
  EXPECT_STREQ(agreed_error([] { throw 3; }).what(), "unknown exception");
}

TEST(Agree, AnErrorWithoutTextIsStillAnError) {
  EXPECT_THROW(agree(world(), [] { throw Error(""); }), AgreedError);
}

}  // namespace
}  // namespace farpoint::comm
