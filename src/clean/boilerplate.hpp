// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "short_word.hpp"

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

/// Whether a phrase of several words may end with a run that begins like this; most often not. `word`: its first
/// letters, up to eight.
constexpr bool may_end_phrase(PackedWord word) {
  return begins(word, "use") || begins(word, "ipsum") || begins(word, "policy") || begins(word, "cookies");
}

/// Whether boilerplate_at() can find anything in a run of letters; most often not.
constexpr bool may_be_boilerplate(std::string_view letters) {
  constexpr std::size_t shortest_javascript = 10;
  if (may_end_phrase(packed(letters.substr(0, longest_packed_word)))) return true;
  return letters.size() >= shortest_javascript && letters.find_first_of("jJ") != std::string_view::npos;
}

}  // namespace farpoint::clean
