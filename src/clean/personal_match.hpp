// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string_view>

/// What the finders of personal data share. A finder looks at one place of a text, in a time that does not depend on
/// the text's length. It never begins a match before `floor`, the end of the match before.
namespace farpoint::clean {

/// Bytes of a text.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t size() const { return end - begin; }
};

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
inline bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
inline bool is_letter(char c) {
  return is_upper(static_cast<char>(c & ~0x20));
}
inline bool is_alphanumeric(char c) {
  return is_digit(c) || is_letter(c);
}
/// Part of a word in ASCII, an identifier in code.
inline bool is_word(char c) {
  return is_alphanumeric(c) || c == '_';
}

/// The byte at `at`, or 0 behind the end; `at - 1` of the first byte is behind the end, too.
inline char byte_at(std::string_view text, std::size_t at) {
  return at < text.size() ? text[at] : '\0';
}

/// How many digits begin at `at`, at most `most`.
inline std::size_t digits_at(std::string_view text, std::size_t at, std::size_t most) {
  std::size_t count = 0;
  while (count < most && is_digit(byte_at(text, at + count))) ++count;
  return count;
}

/// The end of groups of digits of these lengths at `at`, with the same one of `separators` between all; no digit
/// follows.
inline std::optional<std::size_t> grouped_digits(std::string_view text, std::size_t at,
                                                 std::initializer_list<std::size_t> lengths,
                                                 std::string_view separators) {
  char separator = '\0';
  for (const std::size_t& length : lengths) {
    if (digits_at(text, at, length + 1) != length) return {};
    at += length;
    if (&length == lengths.end() - 1) break;
    const char found = byte_at(text, at++);
    if (found == '\0' || (separator == '\0' ? separators.find(found) == separators.npos : found != separator))
      return {};
    separator = found;
  }
  return at;
}

}  // namespace farpoint::clean
