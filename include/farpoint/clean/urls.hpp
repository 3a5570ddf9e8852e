// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace farpoint::clean {

/// How many code points of `utf8` belong to URLs. These begin with http://, https:// or ftp:// in upper or lower case,
/// or with www. or WWW., not within a word; they reach to white space, quotes, angle brackets or Chinese punctuation,
/// less any .,;:!? at their end. Thread-safe; linear.
std::uint64_t url_characters(std::string_view utf8);

}  // namespace farpoint::clean
