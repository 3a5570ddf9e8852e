// SPDX-License-Identifier: Apache-2.0
#include "spelling_words.hpp"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace farpoint::clean {

namespace {

constexpr std::size_t fewest_letters = 2;
constexpr std::size_t most_letters = 40;

/// What a character is to a word.
enum class Kind : std::uint8_t {
  other,  ///< ends it
  small,
  capital,
  mark,        ///< combining, belongs to the letter before it
  apostrophe,  ///< belongs to a word if letters follow
  spoils       ///< digits and letters of other alphabets: the word is none
};

constexpr std::array<Kind, 128> ascii_kinds = [] {
  std::array<Kind, 128> table{};
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = Kind::small;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = Kind::capital;
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = Kind::spoils;
  table['\''] = Kind::apostrophe;
  return table;
}();

Kind kind_above_ascii(UChar32 c) {
  constexpr UChar32 first_ideograph = 0x2e80;
  if (c == 0x2019) return Kind::apostrophe;
  if (c >= 0x300 && c <= 0x36f) return Kind::mark;
  const bool latin = c <= 0x24f || (c >= 0x1e00 && c <= 0x1eff);
  if (u_isalnum(c) == 0) return Kind::other;
  if (!latin) return c < first_ideograph ? Kind::spoils : Kind::other;
  if (u_isalpha(c) == 0) return Kind::spoils;
  return u_isUUppercase(c) != 0 ? Kind::capital : Kind::small;
}

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// Whether a piece between white space is an address, a path or code rather than words.
bool is_code(std::string_view piece) {
  // What code is full of, and prose is not. One pass for most pieces, which have none of these.
  std::size_t slashes = 0;
  std::size_t inner_stops = 0;
  for (std::size_t i = 0; i < piece.size(); ++i) {
    switch (piece[i]) {
      case '@':
      case '\\':
      case '_':
      case '=':
      case '<':
      case '>':
      case '{':
      case '}':
      case '$':
      case '#':
        return true;
      case '/':
        ++slashes;
        break;
      case '.':
        inner_stops += i > 0 && i + 1 < piece.size() && ascii_kinds[piece[i - 1] & 0x7f] != Kind::other &&
                       (ascii_kinds[piece[i + 1] & 0x7f] == Kind::small || piece[i + 1] == '/');
        break;
      case '(':
        if (i + 1 < piece.size() && piece[i + 1] == ')') return true;
        break;
      default:
        break;
    }
  }
  return slashes > 1 || inner_stops > 0 || (slashes == 1 && piece.front() == '/');
}

/// Collects the words of pieces of text.
class WordCollector {
 public:
  void add_piece(std::string_view piece) {
    if (is_code(piece)) return;
    word_ = {};
    const char* bytes = piece.data();
    const auto size = static_cast<std::ptrdiff_t>(piece.size());
    for (std::ptrdiff_t at = 0; at < size;) {
      const std::ptrdiff_t begin = at;
      const auto byte = static_cast<unsigned char>(bytes[at]);
      Kind kind = Kind::other;
      if (byte < ascii_kinds.size()) {
        kind = ascii_kinds[byte];
        ++at;
      } else {
        UChar32 c = 0;
        U8_NEXT_OR_FFFD(bytes, at, size, c);
        kind = kind_above_ascii(c);
      }
      add(kind, bytes + begin, static_cast<std::size_t>(at - begin));
    }
    end_word();
  }

  std::vector<std::string_view> words() && { return std::move(words_); }

 private:
  struct Word {
    const char* begin = nullptr;
    std::size_t bytes = 0;  ///< up to the last letter
    std::size_t letters = 0;
    std::size_t capitals = 0;
    bool capital_inside = false;
    bool spoilt = false;
    std::size_t pending = 0;  ///< bytes of an apostrophe that a letter may follow
  };

  void add(Kind kind, const char* at, std::size_t bytes) {
    switch (kind) {
      case Kind::other:
        return end_word();
      case Kind::apostrophe:
        if (word_.letters == 0 || word_.pending > 0) return end_word();
        word_.pending = bytes;
        return;
      case Kind::mark:
        if (word_.letters == 0 || word_.pending > 0) return end_word();
        word_.bytes += bytes;
        return;
      case Kind::small:
      case Kind::capital:
      case Kind::spoils:
        break;
    }
    if (word_.begin == nullptr) word_.begin = at;
    word_.bytes += word_.pending + bytes;
    const bool first = word_.letters == 0 || word_.pending > 0;  // "O'Brien", "L'Allemagne"
    word_.pending = 0;
    word_.spoilt |= kind == Kind::spoils;
    ++word_.letters;
    if (kind == Kind::capital) {
      ++word_.capitals;
      word_.capital_inside |= !first;
    }
  }

  void end_word() {
    const Word word = std::exchange(word_, {});
    if (word.spoilt || word.letters < fewest_letters || word.letters > most_letters) return;
    if (word.capital_inside || word.capitals == word.letters) return;
    words_.emplace_back(word.begin, word.bytes);
  }

  Word word_;
  std::vector<std::string_view> words_;
};

/// Where code that begins with backticks at `at` ends; `at` itself where it does not.
std::size_t end_of_code(std::string_view utf8, std::size_t at) {
  constexpr std::string_view fence = "```";
  if (utf8.substr(at).starts_with(fence)) {
    const auto end = utf8.find(fence, at + fence.size());
    return end == std::string_view::npos ? utf8.size() : end + fence.size();
  }
  const auto end = utf8.find_first_of("`\n", at + 1);
  return end == std::string_view::npos || utf8[end] == '\n' ? at : end + 1;
}

}  // namespace

std::vector<std::string_view> words_to_spell(std::string_view utf8) {
  WordCollector collector;
  for (std::size_t at = 0; at < utf8.size();) {
    if (is_space(utf8[at])) {
      ++at;
      continue;
    }
    if (utf8[at] == '`') {
      const std::size_t end = end_of_code(utf8, at);
      at = std::max(end, at + 1);
      continue;
    }
    const std::size_t begin = at;
    while (at < utf8.size() && !is_space(utf8[at]) && utf8[at] != '`') ++at;
    collector.add_piece(utf8.substr(begin, at - begin));
  }
  return std::move(collector).words();
}

}  // namespace farpoint::clean
