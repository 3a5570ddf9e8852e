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

/// Turns the characters of one text into features: words, pairs of words in a row, and what longer words begin with.
/// Calls sink(hash) for each occurrence; the high bits of the hash are the good ones.
template <typename Sink>
class FeatureReader {
 public:
  explicit FeatureReader(Sink& sink) : sink_(sink) {}

  void read(Character c) {
    if (c.is_letter()) return letter(c.folded());
    if (c.is_ignored()) return;
    end_word();
    if (c.is_ideograph()) token(extended(0, c.folded()));
  }

  void end_word() {
    if (length_ == 0) return;
    if (length_ > stem_length) sink_(mixed(stem_ ^ stem_salt));
    token(word_);
    word_ = 0;
    length_ = 0;
  }

 private:
  // Different streams of hashes for features of different kinds.
  static constexpr std::uint64_t word_factor = 0x9e3779b97f4a7c15ULL;
  static constexpr std::uint64_t pair_factor = 0xc2b2ae3d27d4eb4fULL;
  static constexpr std::uint64_t stem_salt = 0x27d4eb2f165667c5ULL;

  static std::uint64_t extended(std::uint64_t hash, std::uint64_t code_point) {
    return (hash ^ code_point) * word_factor;
  }

  void letter(std::uint32_t folded) {
    word_ = extended(word_, folded);
    if (++length_ == stem_length) stem_ = word_;
  }

  void token(std::uint64_t hash) {
    sink_(mixed(hash));
    if (!is_first_) sink_(mixed(hash + last_ * pair_factor));
    last_ = hash;
    is_first_ = false;
  }

  Sink& sink_;
  std::uint64_t word_ = 0;
  std::uint64_t stem_ = 0;
  std::uint64_t length_ = 0;
  std::uint64_t last_ = 0;
  bool is_first_ = true;
};

/// Calls sink(hash) for each occurrence of a feature, in the order of the text. What is not UTF-8 separates words.
template <typename Sink>
void for_each_feature(std::string_view utf8, Sink&& sink) {
  const CharacterTable& table = CharacterTable::instance();
  FeatureReader<Sink> reader(sink);
  const char* bytes = utf8.data();
  const auto size = static_cast<std::ptrdiff_t>(utf8.size());
  for (std::ptrdiff_t at = 0; at < size;) {
    UChar32 code_point = 0;
    U8_NEXT_OR_FFFD(bytes, at, size, code_point);
    reader.read(table[static_cast<std::uint32_t>(code_point)]);
  }
  reader.end_word();
}

}  // namespace farpoint::text
