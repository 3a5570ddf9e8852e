// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>

#include "farpoint/base/machine.hpp"

namespace farpoint {

/// By how many bytes `work` raises the peak of the process's memory. Runs it in a child: the peak of a process never
/// falls, so that after a larger test nothing would seem to grow; that of a child begins at what it holds. Expectations
/// that fail in the child are printed, and fail the test here. Call it while no other thread runs.
template <typename Work>
std::uint64_t memory_growth(Work work) {
  int ends[2] = {-1, -1};
  if (pipe(ends) != 0) ADD_FAILURE() << "no pipe";
  std::fflush(nullptr);  // what stands in the buffers now is printed once
  const pid_t child = fork();
  if (child == 0) {
    // What earlier tests freed would otherwise serve without showing.
    malloc_trim(0);
    const std::uint64_t before = peak_memory();
    work();
    const std::uint64_t growth = peak_memory() - before;
    const bool sent = write(ends[1], &growth, sizeof growth) == sizeof growth;
    std::fflush(nullptr);
    _exit(sent && !testing::Test::HasFailure() ? 0 : 1);
  }
  close(ends[1]);
  std::uint64_t growth = 0;
  const bool received = child > 0 && read(ends[0], &growth, sizeof growth) == sizeof growth;
  close(ends[0]);
  int status = -1;
  if (child > 0) waitpid(child, &status, 0);
  EXPECT_TRUE(received && status == 0) << "the measured work failed";
  return growth;
}

}  // namespace farpoint
