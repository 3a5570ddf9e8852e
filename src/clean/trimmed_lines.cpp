// SPDX-License-Identifier: Apache-2.0
#include "trimmed_lines.hpp"

#include <unicode/utf8.h>

#include <algorithm>
#include <cstddef>

#include "character_class.hpp"
#include "farpoint/base/hash.hpp"
#include "farpoint/text/characters.hpp"

namespace farpoint::clean {

namespace {

bool is_white_space(UChar32 c) {
  return CharacterClasses::instance()[static_cast<std::uint32_t>(c)].kind() == CharacterKind::white_space;
}

std::string_view without_leading_white_space(std::string_view line) {
  const char* const bytes = line.data();
  const std::size_t size = line.size();
  std::size_t begin = 0;
  while (begin < size) {
    std::size_t next = begin;
    UChar32 c = 0;
    U8_NEXT_OR_FFFD(bytes, next, size, c);
    if (!is_white_space(c)) break;
    begin = next;
  }
  return line.substr(begin);
}

std::string_view without_trailing_white_space(std::string_view line) {
  constexpr std::size_t longest_white_space = 3;  // in bytes
  const char* const bytes = line.data();
  std::size_t end = line.size();
  while (end > 0) {
    std::size_t begin = end - 1;
    while (begin > 0 && end - begin < longest_white_space && U8_IS_TRAIL(bytes[begin])) --begin;
    std::size_t next = begin;
    UChar32 c = 0;
    U8_NEXT_OR_FFFD(bytes, next, end, c);
    if (next != end || !is_white_space(c)) break;
    end = begin;
  }
  return line.substr(0, end);
}

std::string_view trimmed(std::string_view line) {
  return without_trailing_white_space(without_leading_white_space(line));
}

std::uint32_t characters_of(std::string_view utf8) {
  return static_cast<std::uint32_t>(text::count_characters(utf8));
}

/// Calls sink(line) for each line, trimmed. Lines may be empty.
template <typename Sink>
void for_each_line(std::string_view utf8, Sink&& sink) {
  for (std::size_t begin = 0; begin < utf8.size();) {
    const std::size_t end = std::min(utf8.find('\n', begin), utf8.size());
    sink(trimmed(utf8.substr(begin, end - begin)));
    begin = end + 1;
  }
}

}  // namespace

void read_lines(std::string_view utf8, std::vector<HashedPart>& lines) {
  lines.clear();
  for_each_line(utf8, [&](std::string_view line) {
    if (!line.empty()) lines.push_back({hash64(line), characters_of(line)});
  });
}

void read_paragraphs(std::string_view utf8, std::vector<HashedPart>& paragraphs) {
  constexpr std::uint64_t factor = 0xc2b2ae3d27d4eb4fULL;
  paragraphs.clear();
  bool within = false;
  for_each_line(utf8, [&](std::string_view line) {
    if (line.empty()) {
      within = false;
      return;
    }
    if (!within) paragraphs.emplace_back();
    within = true;
    HashedPart& paragraph = paragraphs.back();
    // Not symmetric, and never 0 for a line: rows of different lines, orders and lengths differ.
    paragraph.hash = (paragraph.hash ^ hash64(line)) * factor + 1;
    paragraph.characters += characters_of(line);
  });
}

}  // namespace farpoint::clean
