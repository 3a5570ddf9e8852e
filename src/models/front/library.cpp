// SPDX-License-Identifier: Apache-2.0
#include "farpoint/models/library.hpp"

namespace farpoint::models {

std::string library_version() {
  return "libtorch " FARPOINT_LIBTORCH_VERSION;
}

}  // namespace farpoint::models
