// SPDX-License-Identifier: Apache-2.0
#include "farpoint/text/beginning.hpp"

namespace farpoint::text {

std::string_view beginning(std::string_view utf8, std::size_t characters) {
  for (std::size_t at = 0; at < utf8.size(); ++at) {
    const bool begins_character = (static_cast<unsigned char>(utf8[at]) & 0xC0U) != 0x80U;
    if (begins_character && characters-- == 0) return utf8.substr(0, at);
  }
  return utf8;
}

}  // namespace farpoint::text
