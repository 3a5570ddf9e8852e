// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

namespace farpoint {

/// Exit codes of the program; scripts rely on the values.
enum class ExitCode : int { done = 0, failed = 1, usage = 2, stopped = 75 };

/// What ends a run. The message names the file, line or record and the offending value, and the way out.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message, ExitCode code = ExitCode::failed)
      : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

/// Wrong command line or configuration: exit code 2.
class UsageError : public Error {
 public:
  explicit UsageError(const std::string& message) : Error(message, ExitCode::usage) {}
};

}  // namespace farpoint
