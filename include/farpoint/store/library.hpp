// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace farpoint::store {

/// "HDF5 1.10.8": the library that is loaded.
std::string library_version();

}  // namespace farpoint::store
