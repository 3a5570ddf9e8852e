// SPDX-License-Identifier: Apache-2.0
#include "farpoint/text/written_words.hpp"

#include <fmt/format.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <array>
#include <bit>
#include <cstring>
#include <limits>

#include "character_table.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/hash.hpp"

namespace farpoint::text {

namespace {

static_assert(std::endian::native == std::endian::little, "the first byte of eight is taken to be the lowest");

/// What a character is to written words.
enum class Kind : std::uint8_t { part, space, alone };

Kind kind_of(UChar32 c) {
  if (c < 0) return Kind::part;
  if (u_hasBinaryProperty(c, UCHAR_WHITE_SPACE)) return Kind::space;
  return is_written_without_spaces(static_cast<std::uint32_t>(c)) ? Kind::alone : Kind::part;
}

/// Of the basic multilingual plane; what lies above is rare.
class Kinds {
 public:
  static const Kinds& instance() {
    static const Kinds kinds;
    return kinds;
  }
  Kind operator[](UChar32 c) const {
    return static_cast<std::uint32_t>(c) < table_.size() ? table_[static_cast<std::size_t>(c)] : kind_of(c);
  }

 private:
  Kinds() {
    for (std::size_t c = 0; c < table_.size(); ++c) table_[c] = kind_of(static_cast<UChar32>(c));
  }
  std::array<Kind, 0x10000> table_{};
};

/// How many of eight bytes, from the first one, surely are parts of a word: ASCII above the blank.
std::size_t plain_prefix(const char* bytes) {
  constexpr std::uint64_t high_bits = 0x8080808080808080U;
  constexpr std::uint64_t above_blank = 0x2121212121212121U;
  std::uint64_t eight = 0;
  std::memcpy(&eight, bytes, sizeof eight);
  // The subtraction borrows from a byte only behind one that is below: the first one found is right.
  const std::uint64_t found = ((eight - above_blank) | eight) & high_bits;
  return static_cast<std::size_t>(std::countr_zero(found)) / 8;
}

class Splitter {
 public:
  Splitter(std::string_view text, std::vector<WrittenWord>& words)
      : kinds_(Kinds::instance()), text_(text), words_(words) {}

  void split() {
    while (at_ < text_.size()) {
      if (at_ + 8 <= text_.size()) {
        const std::size_t plain = plain_prefix(text_.data() + at_);
        at_ += plain;
        if (plain == 8) continue;
      }
      read_character();
    }
    end_word(at_);
  }

 private:
  void read_character() {
    const std::size_t begin = at_;
    const auto byte = static_cast<std::uint8_t>(text_[at_]);
    UChar32 c = byte;
    if (byte < 0x80) {
      ++at_;
    } else {
      // Behind four bytes nothing belongs to the character.
      const std::string_view bytes = text_.substr(at_, 4);
      std::int32_t length = 0;
      U8_NEXT(bytes.data(), length, static_cast<std::int32_t>(bytes.size()), c);
      at_ += static_cast<std::size_t>(length);
    }
    const Kind kind = kinds_[c];
    if (kind == Kind::part) return;
    end_word(begin);
    if (kind == Kind::alone) end_word(at_);
    word_ = at_;
  }

  /// The word from word_ to `end`, if there is one.
  void end_word(std::size_t end) {
    if (end == word_) return;
    words_.push_back(
        {hash64(text_.substr(word_, end - word_)), static_cast<std::uint32_t>(word_), static_cast<std::uint32_t>(end)});
    word_ = end;
  }

  const Kinds& kinds_;
  std::string_view text_;
  std::vector<WrittenWord>& words_;
  std::size_t at_ = 0;
  std::size_t word_ = 0;  ///< where the word that is being read begins
};

}  // namespace

void append_written_words(std::string_view text, std::vector<WrittenWord>& words) {
  if (text.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw Error(
        fmt::format("a text of {} bytes: words are found in texts of less than 4 GiB; split the record", text.size()));
  }
  Splitter(text, words).split();
}

}  // namespace farpoint::text
