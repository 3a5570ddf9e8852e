// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>

namespace farpoint::comm {

/// Member of a class whose destructor is collective: tells the destructor that an exception is passing through. The
/// other ranks may not be on the same way, so waiting for them would hide the error behind a hang.
class Unwinding {
 public:
  bool in_progress() const { return std::uncaught_exceptions() > at_construction_; }

 private:
  int at_construction_ = std::uncaught_exceptions();
};

}  // namespace farpoint::comm
