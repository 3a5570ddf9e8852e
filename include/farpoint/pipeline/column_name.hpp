// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "farpoint/pipeline/node.hpp"

namespace farpoint::pipeline {

/// Throws ConfigError when `name` cannot be that of a column. Columns are datasets beside those that every shard has
/// ("id", "record", ...), and part of the names of folders: so the name is none of theirs, one part of a path and not
/// '.' or '..', at most 100 bytes, and without control characters.
void check_column_name(const Place& place, const std::string& name);

}  // namespace farpoint::pipeline
