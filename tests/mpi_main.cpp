// SPDX-License-Identifier: Apache-2.0
// Main of the tests that run at several rank counts: every rank runs all tests, and a failure on any rank is a failure
// of the program. Only rank 0 reports what passes; every rank reports what fails.
#include <gtest/gtest.h>

#include <iostream>

#include "farpoint/comm/run.hpp"
#include "mpi_world.hpp"

namespace {

farpoint::comm::Communicator* world_of_tests = nullptr;

class FailuresOnly final : public testing::EmptyTestEventListener {
 public:
  explicit FailuresOnly(int rank) : rank_(rank) {}
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (!result.failed()) return;
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    std::cerr << "rank " << rank_ << ": " << (test != nullptr ? test->name() : "") << ": " << result.file_name() << ":"
              << result.line_number() << ": " << result.message() << std::endl;
  }

 private:
  int rank_;
};

}  // namespace

farpoint::comm::Communicator& farpoint::world() { return *world_of_tests; }

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  // An exception must reach comm::run, which ends all ranks; the others may be waiting for this one.
  testing::GTEST_FLAG(catch_exceptions) = false;
  return farpoint::comm::run(argc, argv, [](farpoint::comm::Communicator& comm) {
    world_of_tests = &comm;
    if (comm.rank() != 0) {
      auto& listeners = testing::UnitTest::GetInstance()->listeners();
      delete listeners.Release(listeners.default_result_printer());
      listeners.Append(new FailuresOnly(comm.rank()));
    }
    return RUN_ALL_TESTS();
  });
}
