// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace farpoint::clean {

constexpr bool is_ascii_letter(char c) {
  return static_cast<unsigned char>((static_cast<unsigned char>(c) | 0x20U) - 'a') < 26;
}

/// `c` in lower case if it is an ASCII letter; for others, nothing useful.
constexpr char lowered(char c) {
  return static_cast<char>(static_cast<unsigned char>(c) | 0x20U);
}

/// `lower`: letters of ASCII in lower case, and blanks.
constexpr bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool equal = lower[i] == ' ' ? text[i] == ' ' : lowered(text[i]) == lower[i] && is_ascii_letter(text[i]);
    if (!equal) return false;
  }
  return true;
}

/// Whether `text` begins with `lower`.
constexpr bool begins_ignoring_case(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() && equals_ignoring_case(text.substr(0, lower.size()), lower);
}

/// Whether `text` ends with `lower`.
constexpr bool ends_ignoring_case(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() && equals_ignoring_case(text.substr(text.size() - lower.size()), lower);
}

}  // namespace farpoint::clean
