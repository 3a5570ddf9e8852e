// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "farpoint/comm/communicator.hpp"

namespace farpoint {

/// All ranks of this test program. Tests registered with RANKS may use it.
comm::Communicator& world();

}  // namespace farpoint
