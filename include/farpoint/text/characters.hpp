// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace farpoint::text {

/// True for a byte of UTF-8 that begins a code point; the others continue one.
constexpr bool begins_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

/// Unicode code points in `utf8`. Linear.
inline std::uint64_t count_characters(std::string_view utf8) {
  return static_cast<std::uint64_t>(std::ranges::count_if(utf8, begins_character));
}

}  // namespace farpoint::text
