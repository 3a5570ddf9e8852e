// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unicode/utf8.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "character_table.hpp"

namespace farpoint::text {

/// Words that begin with the same five letters share a feature, as forms of one word do: simpler than a stemmer, and
/// about as good (Can et al. 2008, "Information retrieval on Turkish texts").
inline constexpr std::uint64_t stem_length = 5;

/// Spreads over all bits: the finaliser of MurmurHash3 (Appleby), but for its last shift, as the high bits get used.
inline std::uint64_t mixed(std::uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 33;
  return x * 0xc4ceb9fe1a85ec53ULL;
}

/// Makes the hash of a row of words from that of its last word and that of the row before it.
inline std::uint64_t joined(std::uint64_t before, std::uint64_t last) {
  constexpr std::uint64_t pair_factor = 0xc2b2ae3d27d4eb4fULL;
  return last + before * pair_factor;
}

/// One word of a text. Its hashes are not mixed().
struct Word {
  std::uint64_t hash = 0;
  std::uint64_t stem = 0;  ///< the hash of its first five letters
  bool has_stem = false;   ///< whether it is longer than these
};

/// Turns the characters of one text into words. Calls sink(word) for each occurrence.
template <typename Sink>
class WordReader {
 public:
  explicit WordReader(Sink& sink) : sink_(sink) {}

  void read(Character c) {
    if (c.is_letter()) return read_letter(c.folded());
    if (c.is_ignored()) return;
    end_word();
    if (c.is_ideograph()) sink_(Word{extended(0, c.folded())});
  }

  void read_letter(std::uint32_t folded) {
    word_ = extended(word_, folded);
    if (++length_ == stem_length) stem_ = word_;
  }

  void end_word() {
    if (length_ == 0) return;
    sink_(Word{word_, stem_, length_ > stem_length});
    word_ = 0;
    length_ = 0;
  }

 private:
  static std::uint64_t extended(std::uint64_t hash, std::uint64_t code_point) {
    return (hash ^ code_point) * 0x9e3779b97f4a7c15ULL;
  }

  Sink& sink_;
  std::uint64_t word_ = 0;
  std::uint64_t stem_ = 0;
  std::uint64_t length_ = 0;
};

/// Calls sink(word) for each word, in the order of the text. What is not UTF-8 separates words.
template <typename Sink>
void for_each_word(std::string_view utf8, Sink&& sink) {
  const CharacterTable& table = CharacterTable::instance();
  WordReader<Sink> reader(sink);
  const char* bytes = utf8.data();
  const auto size = static_cast<std::ptrdiff_t>(utf8.size());
  for (std::ptrdiff_t at = 0; at < size;) {
    if (const std::uint8_t folded = table.ascii_letter(bytes[at]); folded != 0) {
      reader.read_letter(folded);
      ++at;
      continue;
    }
    UChar32 code_point = 0;
    U8_NEXT_OR_FFFD(bytes, at, size, code_point);
    reader.read(table[static_cast<std::uint32_t>(code_point)]);
  }
  reader.end_word();
}

}  // namespace farpoint::text
