// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace farpoint::models {

/// Without Unicode white space at both ends (Python's str.strip).
std::string_view strip(std::string_view utf8);

/// Unicode's full lower case, of no particular language (Python's str.lower). Bytes that are not UTF-8 become U+FFFD.
std::string to_lower(std::string_view utf8);

}  // namespace farpoint::models
