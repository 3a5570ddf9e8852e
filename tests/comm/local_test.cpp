// SPDX-License-Identifier: Apache-2.0
// What only a process without MPI shows; split_test.cpp compares the local communicator with MPI's.
#include "farpoint/comm/local.hpp"

#include <gtest/gtest.h>

#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/objects.hpp"
#include "farpoint/comm/run.hpp"

namespace farpoint::comm {
namespace {

int run_here(const std::function<int(Communicator&)>& body) {
  int argc = 0;
  char** argv = nullptr;
  return run(argc, argv, body);
}

/// What run() returns and prints when `body` throws.
template <typename Exception>
std::pair<int, std::string> outcome_of(Exception exception) {
  testing::internal::CaptureStderr();
  const int code = run_here([&](Communicator&) -> int { throw exception; });
  return {code, testing::internal::GetCapturedStderr()};
}

using Outcome = std::pair<int, std::string>;

TEST(Run, WithoutALauncherGivesOneRank) {
  EXPECT_FALSE(launched_by_mpi());
  const int code = run_here([](Communicator& comm) { return comm.size() == 1 && comm.rank() == 0 ? 75 : 1; });
  EXPECT_EQ(code, 75);
}

TEST(Run, PrintsTheErrorAndReturnsItsCode) {
  EXPECT_EQ(outcome_of(Error("shard 7 is damaged")), Outcome(1, "farpoint: error: shard 7 is damaged\n"));
  EXPECT_EQ(outcome_of(UsageError("no such job")), Outcome(2, "farpoint: error: no such job\n"));
  EXPECT_EQ(outcome_of(AgreedError("both", ExitCode::usage)), Outcome(2, "farpoint: error: both\n"));
  EXPECT_EQ(outcome_of(std::bad_alloc()), Outcome(1, "farpoint: error: out of memory\n"));
  EXPECT_EQ(outcome_of(std::out_of_range("at")), Outcome(1, "farpoint: error: at\n"));
  EXPECT_EQ(outcome_of(3), Outcome(1, "farpoint: error: unknown exception\n"));
}

TEST(Local, GivesBackWhatItGets) {
  const auto self = make_local();
  const std::vector<int> values{3, 1, 2};

  EXPECT_EQ(all_gather(*self, std::span(values)).data, values);
  EXPECT_EQ(gather(*self, std::span(values)).data, values);
  EXPECT_EQ(all_reduce(*self, 2.5, Reduction::sum), 2.5);
  EXPECT_EQ(all_gather_objects(*self, 4), std::vector<int>{4});
  EXPECT_TRUE(all_gather(*self, std::span<const int>()).data.empty());
}

TEST(Local, HasNobodyToSendTo) {
  const auto self = make_local();
  int value = 0;

  EXPECT_THROW(send(*self, std::span<const int>(&value, 1), 0), Error);
  EXPECT_THROW(receive(*self, std::span(&value, 1), 1), Error);
}

}  // namespace
}  // namespace farpoint::comm
