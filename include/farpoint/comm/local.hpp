// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "farpoint/comm/communicator.hpp"

namespace farpoint::comm {

/// A single process without MPI.
std::unique_ptr<Communicator> make_local();

}  // namespace farpoint::comm
