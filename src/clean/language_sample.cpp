// SPDX-License-Identifier: Apache-2.0
#include "language_sample.hpp"

#include <unicode/utf.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include "ascii.hpp"
#include "character_class.hpp"

namespace farpoint::clean {

namespace {

constexpr std::size_t window_bytes = 512;
using Windows = std::array<std::string_view, 3>;

constexpr bool is_han(std::uint32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0x20000 && c <= 0x3FFFF) || c == 0x3005 || c == 0x3007;
}

constexpr bool is_kana(std::uint32_t c) {
  return (c >= 0x3041 && c <= 0x30FA) || (c >= 0x31F0 && c <= 0x31FF) || (c >= 0xFF66 && c <= 0xFF9D);
}

/// `utf8` from `begin` on, about a window long, without bytes of characters that are cut.
std::string_view window(std::string_view utf8, std::size_t begin) {
  const auto next_character = [&](std::size_t at) {
    // At most three bytes continue a character.
    for (int i = 0; i < 3 && at < utf8.size() && U8_IS_TRAIL(utf8[at]); ++i) ++at;
    return at;
  };
  const std::size_t first = begin == 0 ? 0 : next_character(begin);
  const std::size_t end = next_character(std::min(begin + window_bytes, utf8.size()));
  return utf8.substr(first, end - first);
}

Windows windows_of(std::string_view utf8) {
  if (utf8.size() <= 3 * window_bytes) return {utf8, {}, {}};
  return {window(utf8, 0), window(utf8, utf8.size() / 2 - window_bytes / 2), window(utf8, utf8.size() - window_bytes)};
}

/// The first byte from `at` on that is not ASCII.
std::size_t end_of_ascii(std::string_view utf8, std::size_t at) {
  constexpr std::uint64_t high_bits = 0x8080808080808080ULL;
  for (std::uint64_t eight = 0; at + sizeof eight <= utf8.size(); at += sizeof eight) {
    std::memcpy(&eight, utf8.data() + at, sizeof eight);
    if ((eight & high_bits) != 0) break;
  }
  while (at < utf8.size() && U8_IS_SINGLE(utf8[at])) ++at;
  return at;
}

/// Calls sink(code_point, bytes) for each character beyond ASCII, with -1 for what is ill-formed.
template <typename Sink>
void for_each_beyond_ascii(std::string_view utf8, Sink&& sink) {
  const char* const bytes = utf8.data();
  const std::size_t size = utf8.size();
  for (std::size_t at = end_of_ascii(utf8, 0); at < size; at = end_of_ascii(utf8, at)) {
    const std::size_t begin = at;
    UChar32 c = 0;
    U8_NEXT(bytes, at, size, c);
    sink(c, utf8.substr(begin, at - begin));
  }
}

/// Whether Han is to be taken for Chinese.
bool has_chinese(const Windows& windows) {
  constexpr std::size_t least_han = 8;  // as CLD2 says nothing of less
  std::size_t han = 0;
  std::size_t kana = 0;
  for (const std::string_view part : windows) {
    for_each_beyond_ascii(part, [&](UChar32 c, std::string_view) {
      han += is_han(static_cast<std::uint32_t>(c)) ? 1 : 0;
      kana += is_kana(static_cast<std::uint32_t>(c)) ? 1 : 0;
    });
  }
  return han >= least_han && kana * 50 <= han;
}

bool is_letter(std::uint32_t c) {
  const CharacterKind kind = CharacterClasses::instance()[c].kind();
  return kind == CharacterKind::letter || kind == CharacterKind::ideograph;
}

void append_ascii(std::string_view ascii, LanguageSample& sample) {
  constexpr char first_visible = ' ';
  constexpr char delete_character = 0x7F;
  const auto letters = std::count_if(ascii.begin(), ascii.end(), is_ascii_letter);
  sample.ascii_letter_bytes += static_cast<std::size_t>(letters);
  const std::size_t size = sample.others.size();
  sample.others.append(ascii);
  const auto appended = std::span(sample.others).subspan(size);
  std::replace_if(
      appended.begin(), appended.end(), [](char c) { return c < first_visible || c == delete_character; }, ' ');
}

void append(std::string_view part, LanguageSample& sample) {
  const char* const bytes = part.data();
  const std::size_t size = part.size();
  for (std::size_t at = 0; at < size;) {
    const std::size_t begin = at;
    if (U8_IS_SINGLE(bytes[at])) {
      at = end_of_ascii(part, at);
      append_ascii(part.substr(begin, at - begin), sample);
      continue;
    }
    UChar32 c = 0;
    U8_NEXT(bytes, at, size, c);
    if (sample.is_chinese && is_han(static_cast<std::uint32_t>(c))) {
      sample.han_bytes += at - begin;
      sample.others.push_back(' ');
      continue;
    }
    constexpr UChar32 last_control = 0x9F;
    if (c <= last_control || U_IS_UNICODE_NONCHAR(c)) {
      sample.others.push_back(' ');
      continue;
    }
    sample.other_letter_bytes += is_letter(static_cast<std::uint32_t>(c)) ? at - begin : 0;
    sample.others.append(part.substr(begin, at - begin));
  }
  sample.others.push_back(' ');
}

}  // namespace

void take_sample(std::string_view utf8, LanguageSample& sample) {
  const Windows windows = windows_of(utf8);
  sample.others.clear();
  sample.other_letter_bytes = sample.ascii_letter_bytes = sample.han_bytes = 0;
  sample.is_chinese = has_chinese(windows);
  for (const std::string_view part : windows) append(part, sample);
  sample.other_letter_bytes += sample.ascii_letter_bytes;
}

}  // namespace farpoint::clean
