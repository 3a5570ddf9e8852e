// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "farpoint/comm/communicator.hpp"

namespace farpoint::comm {

/// run() for a process that no MPI launcher started.
int run_alone(const std::function<int(Communicator&)>& body);

}  // namespace farpoint::comm
