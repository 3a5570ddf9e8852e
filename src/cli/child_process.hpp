// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace farpoint::cli {

struct ChildResult {
  int code = 0;  ///< exit code; 128 and the signal's number when a signal ended it
  std::string output;
  std::string errors;
};

/// Runs a program that is found on PATH, without a shell, in the environment that this process was started with: MPI
/// adds variables to the present one, and a job that got them would take itself for a rank. Reads both outputs whole,
/// standard error after standard output: for programs that say little. Nothing when there is no such program; throws
/// Error when it cannot be started otherwise.
std::optional<ChildResult> run_program(const std::vector<std::string>& arguments);

}  // namespace farpoint::cli
