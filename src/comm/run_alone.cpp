// SPDX-License-Identifier: Apache-2.0
#include "comm/run_alone.hpp"

#include "comm/failure.hpp"
#include "farpoint/comm/local.hpp"

namespace farpoint::comm {

int run_alone(const std::function<int(Communicator&)>& body) {
  try {
    const auto self = make_local();
    return body(*self);
  } catch (...) {
    const Failure failure = current_failure();
    report(failure);
    return static_cast<int>(failure.code);
  }
}

}  // namespace farpoint::comm
