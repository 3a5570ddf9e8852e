// SPDX-License-Identifier: Apache-2.0
#include "farpoint/text/beginning.hpp"

#include "farpoint/text/characters.hpp"

namespace farpoint::text {

std::string_view beginning(std::string_view utf8, std::size_t characters) {
  for (std::size_t at = 0; at < utf8.size(); ++at) {
    if (begins_character(utf8[at]) && characters-- == 0) return utf8.substr(0, at);
  }
  return utf8;
}

}  // namespace farpoint::text
