// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace farpoint::models {

/// "libtorch 2.15.0": the one it was built with.
std::string library_version();

}  // namespace farpoint::models
