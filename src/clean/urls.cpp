// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/urls.hpp"

#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "farpoint/text/characters.hpp"
#include "personal_match.hpp"

namespace farpoint::clean {

namespace {

constexpr std::string_view scheme_end = "://";

/// Where the scheme begins that ends with the colon at `colon`, or `colon` itself if there is none.
std::size_t scheme_begin(std::string_view text, std::size_t colon) {
  static constexpr std::array<std::string_view, 3> schemes{"https", "http", "ftp"};
  for (const std::string_view scheme : schemes) {
    if (colon < scheme.size()) continue;
    const std::size_t begin = colon - scheme.size();
    const auto same = [](char c, char lower) { return (c | 0x20) == lower; };
    if (std::ranges::equal(text.substr(begin, scheme.size()), scheme, same) && !is_word(byte_at(text, begin - 1))) {
      return begin;
    }
  }
  return colon;
}

/// Spaces, quotation marks and the punctuation of Chinese and Japanese.
bool ends_url(UChar32 c) {
  if (c <= ' ' || c == '"' || c == '\'' || c == '`' || c == '<' || c == '>' || c == 0x7f) return true;
  if (c < 0x80) return false;
  return c == 0x85 || c == 0xa0 || c == 0xab || c == 0xbb || (c >= 0x2000 && c <= 0x206f) ||
         (c >= 0x3000 && c <= 0x303f && c != 0x3005 && c != 0x3007) || (c >= 0xfe10 && c <= 0xfe6f) ||
         (c >= 0xff01 && c <= 0xff0f) || (c >= 0xff1a && c <= 0xff20) || (c >= 0xff3b && c <= 0xff40) ||
         (c >= 0xff5b && c <= 0xff65) || c == 0xfeff;
}

/// The end of the URL of which [begin, at) is the part that made it one; `at` if nothing follows.
std::size_t url_end(std::string_view text, std::size_t at) {
  std::size_t end = at;
  for (std::size_t next = at; next < text.size();) {
    UChar32 c = 0;
    U8_NEXT_OR_FFFD(text.data(), next, text.size(), c);
    if (ends_url(c)) break;
    end = next;
  }
  constexpr std::string_view trailing = ".,;:!?";
  while (end > at && trailing.find(text[end - 1]) != trailing.npos) --end;
  return end;
}

/// A search that goes on from left to right, so that its passes over the text add up to one.
class Occurrences {
 public:
  Occurrences(std::string_view text, std::string_view needle) : text_(text), needle_(needle), at_(text.find(needle)) {}

  /// The first at or behind `from`, which never decreases; npos if there is none.
  std::size_t from(std::size_t from) {
    if (at_ < from) at_ = text_.find(needle_, from);
    return at_;
  }

 private:
  std::string_view text_;
  std::string_view needle_;
  std::size_t at_;
};

}  // namespace

std::uint64_t url_characters(std::string_view utf8) {
  Occurrences schemes(utf8, scheme_end);
  Occurrences hosts(utf8, "www.");
  Occurrences loud_hosts(utf8, "WWW.");
  constexpr std::size_t host_size = 4;
  std::uint64_t characters = 0;
  for (std::size_t at = 0;;) {
    const std::size_t colon = schemes.from(at);
    const std::size_t host = std::min(hosts.from(at), loud_hosts.from(at));
    if (colon == utf8.npos && host == utf8.npos) return characters;
    const bool is_scheme = colon < host;
    const std::size_t behind = is_scheme ? colon + scheme_end.size() : host + host_size;
    const std::size_t begin = is_scheme ? scheme_begin(utf8, colon) : host;
    const bool starts = is_scheme ? begin != colon && begin >= at : !is_word(byte_at(utf8, host - 1));
    const std::size_t end = starts ? url_end(utf8, behind) : behind;
    if (starts && end > behind) characters += text::count_characters(utf8.substr(begin, end - begin));
    at = end;
  }
}

}  // namespace farpoint::clean
