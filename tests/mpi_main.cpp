// SPDX-License-Identifier: Apache-2.0
// Main of the tests that run at several rank counts: every rank runs all tests, and a failure on any rank is a failure
// of the program. Only rank 0 reports what passes; every rank reports what fails.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>
#include <string>

#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "mpi_world.hpp"

namespace {

farpoint::comm::Communicator* world_of_tests = nullptr;

class FailuresOnly final : public testing::EmptyTestEventListener {
 public:
  explicit FailuresOnly(int rank) : rank_(rank) {}
  void OnTestStart(const testing::TestInfo& test) override {
    test_ = std::string(test.test_suite_name()) + "." + test.name();
  }
  // GoogleTest holds its lock here: asking it which test is running would wait for ever.
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (!result.failed()) return;
    const char* file = result.file_name() != nullptr ? result.file_name() : "unknown file";
    std::cerr << "rank " << rank_ << ": " << test_ << ": " << file << ":" << result.line_number() << ": "
              << result.message() << '\n';
  }

 private:
  int rank_;
  std::string test_;
};

/// All ranks must draw the same cases in property tests, or their collective calls would not match.
void share_property_seed(farpoint::comm::Communicator& comm) {
  std::uint32_t seed = std::random_device()();
  farpoint::comm::broadcast(comm, std::span(&seed, 1));
  constexpr int keep_the_users = 0;
  setenv("RC_PARAMS", ("seed=" + std::to_string(seed)).c_str(), keep_the_users);
}

}  // namespace

farpoint::comm::Communicator& farpoint::world() {
  return *world_of_tests;
}

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  // An exception must reach comm::run, which ends all ranks; the others may be waiting for this one.
  testing::GTEST_FLAG(catch_exceptions) = false;
  return farpoint::comm::run(argc, argv, [](farpoint::comm::Communicator& comm) {
    world_of_tests = &comm;
    share_property_seed(comm);
    if (comm.rank() != 0) {
      auto& listeners = testing::UnitTest::GetInstance()->listeners();
      delete listeners.Release(listeners.default_result_printer());
      listeners.Append(new FailuresOnly(comm.rank()));
    }
    return RUN_ALL_TESTS();
  });
}
