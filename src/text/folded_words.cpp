// SPDX-License-Identifier: Apache-2.0
#include "farpoint/text/folded_words.hpp"

#include <unicode/utf8.h>

#include <array>
#include <bit>
#include <cstring>

#include "words.hpp"

namespace farpoint::text {

namespace {

static_assert(std::endian::native == std::endian::little, "the first byte of eight is taken to be the lowest");

constexpr std::uint64_t each_byte(std::uint64_t value) {
  return value * 0x0101010101010101U;
}

/// The high bit of each byte that is from `first` to `last`; of bytes below 0x80.
std::uint64_t bytes_within(std::uint64_t eight, char first, char last) {
  return (eight + each_byte(0x80 - static_cast<std::uint64_t>(first))) &
         ~(eight + each_byte(0x7F - static_cast<std::uint64_t>(last)));
}

/// How many of eight bytes, from the first one, are ASCII letters or digits.
std::size_t plain_prefix(std::uint64_t eight) {
  constexpr std::uint64_t high_bits = each_byte(0x80);
  const std::uint64_t low = eight & ~high_bits;
  const std::uint64_t letters = bytes_within(low | each_byte(0x20), 'a', 'z');
  const std::uint64_t plain = (letters | bytes_within(low, '0', '9')) & ~eight & high_bits;
  return static_cast<std::size_t>(std::countr_zero(plain ^ high_bits)) / 8;
}

/// Hashes words by the UTF-8 of their folded characters, eight bytes at a time. ASCII, which most of a text is, need
/// not be taken apart into characters. Other hashes than for_each_word()'s, of the same words.
class FoldedWordReader {
 public:
  FoldedWordReader(std::string_view utf8, std::vector<std::uint64_t>& hashes)
      : table_(CharacterTable::instance()), utf8_(utf8), hashes_(hashes) {}

  void read() {
    while (at_ < utf8_.size()) {
      if (at_ + 8 <= utf8_.size()) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, utf8_.data() + at_, sizeof eight);
        const std::size_t plain = plain_prefix(eight);
        add(eight | each_byte(0x20), plain);  // folds letters, leaves digits
        at_ += plain;
        if (plain == 8) continue;
      }
      read_character();
    }
    end_word();
  }

 private:
  void read_character() {
    // Behind four bytes nothing belongs to the character.
    const std::string_view bytes = utf8_.substr(at_, 4);
    std::int32_t length = 0;
    UChar32 code_point = 0;
    U8_NEXT_OR_FFFD(bytes.data(), length, static_cast<std::int32_t>(bytes.size()), code_point);
    at_ += static_cast<std::size_t>(length);
    const Character c = table_[static_cast<std::uint32_t>(code_point)];
    if (c.is_letter()) return add_folded(c);
    if (c.is_ignored()) return;
    end_word();
    if (!c.is_ideograph()) return;
    add_folded(c);
    end_word();
  }

  void add_folded(Character c) {
    std::array<std::uint8_t, 8> bytes{};
    std::size_t length = 0;
    U8_APPEND_UNSAFE(bytes.data(), length, c.folded());
    std::uint64_t eight = 0;
    std::memcpy(&eight, bytes.data(), sizeof eight);
    add(eight, length);
  }

  /// The first `count` of eight bytes, at most 8. No byte of a word is 0, so what follows in a word's last bytes may
  /// be.
  void add(std::uint64_t eight, std::size_t count) {
    if (count == 0) return;
    if (count < 8) eight &= (std::uint64_t{1} << 8 * count) - 1;
    bytes_ |= eight << 8 * count_;
    const std::size_t room = 8 - count_;
    count_ += count;
    if (count < room) return;
    hash_ = joined_hash();
    bytes_ = count == room ? 0 : eight >> 8 * room;
    count_ -= 8;
    any_ = true;
  }

  void end_word() {
    if (count_ == 0 && !any_) return;
    hashes_.push_back(count_ == 0 ? hash_ : joined_hash());
    hash_ = bytes_ = 0;
    count_ = 0;
    any_ = false;
  }

  /// mixed() as the word's beginning needs all bits, and so do those who ask.
  std::uint64_t joined_hash() const {
    const std::uint64_t hash = mixed(joined(hash_, bytes_));
    return hash ^ hash >> 32;
  }

  const CharacterTable& table_;
  std::string_view utf8_;
  std::vector<std::uint64_t>& hashes_;
  std::size_t at_ = 0;
  std::uint64_t hash_ = 0;   ///< of the word's bytes before bytes_
  std::uint64_t bytes_ = 0;  ///< count_ of them, fewer than 8
  std::size_t count_ = 0;
  bool any_ = false;  ///< whether there are bytes in hash_
};

}  // namespace

void append_folded_words(std::string_view utf8, std::vector<std::uint64_t>& hashes) {
  FoldedWordReader(utf8, hashes).read();
}

}  // namespace farpoint::text
