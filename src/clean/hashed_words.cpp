// SPDX-License-Identifier: Apache-2.0
#include "hashed_words.hpp"

#include <unicode/utf8.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstddef>

#include "word_boundaries.hpp"

namespace farpoint::clean {

namespace {

constexpr bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}
/// Neither white space nor beyond ASCII. Control characters are visible in this sense.
constexpr bool is_visible_ascii(char c) {
  return is_ascii(c) && c != ' ' && !(c >= '\t' && c <= '\r');
}

}  // namespace

void read_words(std::string_view utf8, std::vector<HashedPart>& words) {
  words.clear();
  const CharacterClasses& classes = CharacterClasses::instance();
  const char* const bytes = utf8.data();
  const std::size_t size = utf8.size();
  WordBoundaries boundaries;
  std::size_t begin = 0;  // of the word that is being read, if it has characters
  std::uint32_t characters = 0;
  const auto end_word = [&](std::size_t end) {
    if (characters != 0) words.push_back({XXH3_64bits(bytes + begin, end - begin), characters});
    begin = end;
    characters = 0;
  };
  for (std::size_t at = 0; at < size;) {
    if (boundaries.is_outside()) {
      // Most words are of ASCII alone, and end at a blank.
      begin = at;
      while (at < size && is_visible_ascii(bytes[at])) ++at;
      if (at == size || is_ascii(bytes[at])) {
        characters = static_cast<std::uint32_t>(at - begin);
        end_word(at);
        ++at;
        continue;
      }
      at = begin;
    }
    const std::size_t here = at;
    UChar32 c = 0;
    U8_NEXT_OR_FFFD(bytes, at, size, c);
    const CharacterKind kind = classes[static_cast<std::uint32_t>(c)].kind();
    if (boundaries.begins_word(kind) || kind == CharacterKind::white_space) end_word(here);
    characters += kind == CharacterKind::white_space ? 0 : 1;
  }
  end_word(size);
}

}  // namespace farpoint::clean
