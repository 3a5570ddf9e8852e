// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "farpoint/corpus/source.hpp"

namespace farpoint::cli {

/// The keys of the first records that are JSON objects, each once, in order.
std::vector<std::string> keys_of(const std::vector<std::string>& records);

/// Which keys of records of an unknown schema may hold what, by their usual names, else the longest text; empty where
/// no key holds a text.
corpus::FieldMap guess_fields(const std::vector<std::string>& records);

}  // namespace farpoint::cli
