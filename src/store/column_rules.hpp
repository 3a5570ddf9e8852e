// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "farpoint/store/column.hpp"

/// What a column and an attribute must be, so that HDF5 can hold them and give them back unchanged.
namespace farpoint::store {

/// Whether the offsets start at 0, never fall, and end at the last byte.
bool consistent(const Strings& texts);

/// Throws Error naming the column: a name that is no path of plain parts, values that are not whole rows, texts with
/// a row length.
void check_column(const Column& column);

/// Throws Error when `name` is empty, holds a NUL byte or is not UTF-8.
void check_attribute_name(std::string_view name);

bool is_utf8(std::string_view text);

}  // namespace farpoint::store
