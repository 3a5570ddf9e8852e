// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <hdf5.h>

#include <string_view>

namespace farpoint::store {

/// The text in a field of fixed length: without the padding that its type declares.
std::string_view without_padding(std::string_view field, H5T_str_t padding);

}  // namespace farpoint::store
