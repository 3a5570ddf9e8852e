// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "words.hpp"

namespace farpoint::text {

/// The features of one text are its words, the pairs of words in a row, and what longer words begin with. Calls
/// sink(hash) for each occurrence, in the order of the text; the high bits of the hash are the good ones.
template <typename Sink>
void for_each_feature(std::string_view utf8, Sink&& sink) {
  constexpr std::uint64_t stem_salt = 0x27d4eb2f165667c5ULL;  // hashes of another kind
  std::uint64_t last = 0;
  bool is_first = true;
  for_each_word(utf8, [&](const Word& word) {
    if (word.has_stem) sink(mixed(word.stem ^ stem_salt));
    sink(mixed(word.hash));
    if (!is_first) sink(mixed(joined(last, word.hash)));
    last = word.hash;
    is_first = false;
  });
}

}  // namespace farpoint::text
