// SPDX-License-Identifier: Apache-2.0
#include "plain_text.hpp"

#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

namespace farpoint::models {

namespace {

bool is_white_space(UChar32 character) {
  // Python counts the four separators of ASCII among it, Unicode does not.
  return u_isUWhiteSpace(character) != 0 || (character >= 0x1c && character <= 0x1f);
}

}  // namespace

std::string_view strip(std::string_view utf8) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(utf8.data());
  std::int32_t begin = 0;  // as ICU counts; records are far shorter than that
  auto end = static_cast<std::int32_t>(utf8.size());
  UChar32 character = 0;
  for (std::int32_t next = begin; begin < end; begin = next) {
    U8_NEXT(bytes, next, end, character);
    if (!is_white_space(character)) break;
  }
  for (std::int32_t previous = end; end > begin; end = previous) {
    U8_PREV(bytes, begin, previous, character);
    if (!is_white_space(character)) break;
  }
  return utf8.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
}

std::string to_lower(std::string_view utf8) {
  const icu::StringPiece piece(utf8.data(), static_cast<std::int32_t>(utf8.size()));
  std::string lower;
  icu::UnicodeString::fromUTF8(piece).toLower(icu::Locale::getRoot()).toUTF8String(lower);
  return lower;
}

}  // namespace farpoint::models
