// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace farpoint::clean {

/// The phrases that C4's rules look for, anywhere in a text and in any case of ASCII.
struct Boilerplate {
  bool javascript = false;
  bool policy = false;
  bool lorem_ipsum = false;
};

/// What of a phrase ends in text[begin, end), a maximal run of ASCII letters. A phrase of several words is found where
/// its last one is; the words before it are then behind `begin`.
Boilerplate boilerplate_at(std::string_view text, std::size_t begin, std::size_t end);

/// Whether boilerplate_at() can find anything, as most often it cannot. `first` is the run's first letter.
constexpr bool may_be_boilerplate(char first, std::size_t length) {
  const char letter = static_cast<char>(static_cast<unsigned char>(first) | 0x20U);
  return length >= 10 || (length >= 3 && (letter == 'u' || letter == 'p' || letter == 'c' || letter == 'i'));
}

}  // namespace farpoint::clean
