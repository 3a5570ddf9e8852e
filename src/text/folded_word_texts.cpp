// SPDX-License-Identifier: Apache-2.0
#include "farpoint/text/folded_words.hpp"

#include <unicode/utf8.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "character_table.hpp"

namespace farpoint::text {

namespace {

void append(std::string& word, std::uint32_t code_point) {
  constexpr std::uint32_t first_beyond_ascii = 0x80;
  if (code_point < first_beyond_ascii) {
    word.push_back(static_cast<char>(code_point));
    return;
  }
  std::array<char, U8_MAX_LENGTH> bytes{};
  std::size_t size = 0;
  U8_APPEND_UNSAFE(bytes.data(), size, code_point);
  word.append(bytes.data(), size);
}

}  // namespace

void for_each_folded_word(std::string_view utf8, const std::function<void(std::string_view word)>& sink) {
  const CharacterTable& table = CharacterTable::instance();
  const char* bytes = utf8.data();
  const auto size = static_cast<std::ptrdiff_t>(utf8.size());
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) sink(word);
    word.clear();
  };
  for (std::ptrdiff_t at = 0; at < size;) {
    UChar32 code_point = 0;
    U8_NEXT_OR_FFFD(bytes, at, size, code_point);
    const auto character = table[static_cast<std::uint32_t>(code_point)];
    if (character.is_letter()) {
      append(word, character.folded());
    } else if (!character.is_ignored()) {
      end_word();
      if (!character.is_ideograph()) continue;
      append(word, character.folded());
      end_word();
    }
  }
  end_word();
}

}  // namespace farpoint::text
