// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace farpoint::text {

/// At most so many code points from the beginning of a text. What was valid UTF-8 still is.
std::string_view beginning(std::string_view utf8, std::size_t characters);

}  // namespace farpoint::text
