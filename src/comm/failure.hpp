// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "farpoint/base/error.hpp"

namespace farpoint::comm {

/// What is left of an exception once it is caught.
struct Failure {
  std::string message;
  ExitCode code = ExitCode::failed;
  /// Every rank holds it (AgreedError).
  bool agreed = false;
};

/// REQUIRES: called inside a catch block. Knows every exception, also those that are not std::exception.
Failure current_failure();

/// "farpoint: error: <message>" on stderr, in one write so that lines of several ranks do not mix.
void report_error(std::string_view message);
/// The same for what has ended the program, without "error: " when it was a stop on request.
void report(const Failure& failure);

}  // namespace farpoint::comm
