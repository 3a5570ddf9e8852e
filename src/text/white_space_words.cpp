// SPDX-License-Identifier: Apache-2.0
#include "farpoint/text/white_space_words.hpp"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

#include "character_table.hpp"
#include "space_mask.hpp"

namespace farpoint::text {

namespace {

constexpr std::uint64_t every_byte = 0x0101010101010101ULL;

/// What a code point of the basic multilingual plane is, in one table: white space, or its folded form, with a flag
/// when it is a word of its own. What lies above is rare, and asked of ICU each time.
class Letters {
 public:
  static const Letters& instance() {
    static const Letters letters;
    return letters;
  }

  static constexpr std::uint32_t white_space = 0x7fffffff;  ///< no code point
  static constexpr std::uint32_t own_word = 1U << 31;

  std::uint32_t operator[](UChar32 c) const {
    const auto code = static_cast<std::size_t>(c);
    return code < table_.size() ? table_[code] : classify(c);
  }

 private:
  Letters() {
    constexpr UChar32 plane_size = 0x10000;
    table_.reserve(plane_size);
    for (UChar32 c = 0; c < plane_size; ++c) table_.push_back(classify(c));
  }

  static std::uint32_t classify(UChar32 c) {
    if (u_isUWhiteSpace(c)) return white_space;
    const auto folded = static_cast<std::uint32_t>(u_foldCase(c, U_FOLD_CASE_DEFAULT));
    // The table also makes words of pictographs, which do not say where a word ends.
    const bool is_pictograph = u_charType(c) == U_OTHER_SYMBOL;
    const bool is_own = !is_pictograph && CharacterTable::instance()[static_cast<std::uint32_t>(c)].is_ideograph();
    return is_own ? folded | own_word : folded;
  }

  std::vector<std::uint32_t> table_;
};

std::uint64_t folded_product(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

/// The hash of a word's folded bytes, eight at a time; products of 128 bits as in wyhash (Wang Yi).
class WordHash {
 public:
  void add(std::uint64_t eight_bytes) { state_ = folded_product(state_ ^ eight_bytes, 0xe7037ed1a0b428dbULL); }
  /// `last` holds the last one to eight bytes, and zeros.
  std::uint64_t digest(std::uint64_t last, std::uint64_t word_bytes) const {
    return folded_product(state_ ^ last, 0x8ebc6af09c88c6e3ULL ^ word_bytes);
  }

 private:
  std::uint64_t state_ = 0xa0761d6478bd642fULL;
};

/// Lower case of eight bytes of ASCII.
std::uint64_t lower(std::uint64_t bytes) {
  const std::uint64_t from_a = bytes + every_byte * (0x80 - 'A');
  const std::uint64_t above_z = bytes + every_byte * (0x80 - 'Z' - 1);
  return bytes | ((from_a & ~above_z & every_byte * 0x80) >> 2);
}

std::uint64_t load(const char* bytes, std::size_t count) {
  std::uint64_t loaded = 0;
  std::memcpy(&loaded, bytes, count);
  return loaded;
}

/// Hashes a word of ASCII; `readable` bytes from its begin on belong to the text.
std::uint64_t ascii_hash(const char* word, std::size_t size, std::size_t readable) {
  WordHash hash;
  std::size_t at = 0;
  for (; size - at > 8; at += 8) hash.add(lower(load(word + at, 8)));
  const std::size_t rest = size - at;
  std::uint64_t last = 0;
  if (readable - at >= 8) {
    last = load(word + at, 8) & (~std::uint64_t{0} >> (64 - 8 * rest));
  } else {
    last = load(word + at, rest);
  }
  return hash.digest(lower(last), size);
}

/// A word whose folded characters come one by one; the hash is that of its UTF-8.
class WordOfCharacters {
 public:
  void add(std::uint32_t folded) {
    std::array<std::uint8_t, U8_MAX_LENGTH> bytes{};
    std::size_t count = 0;
    U8_APPEND_UNSAFE(bytes.data(), count, folded);
    for (std::size_t i = 0; i < count; ++i) add_byte(bytes[i]);
  }

  void end(std::vector<std::uint64_t>& hashes) {
    if (size_ == 0) return;
    hashes.push_back(hash_.digest(last_, size_));
    *this = {};
  }

 private:
  void add_byte(std::uint64_t byte) {
    if (held_ == 8) {
      hash_.add(last_);
      last_ = 0;
      held_ = 0;
    }
    last_ |= byte << (8 * held_);
    ++held_;
    ++size_;
  }

  WordHash hash_;
  std::uint64_t last_ = 0;
  std::uint64_t held_ = 0;  ///< bytes in `last_`
  std::uint64_t size_ = 0;
};

/// Reads characters from `at` on up to the next ASCII white space, and returns where that is.
std::size_t read_characters(std::string_view utf8, std::size_t at, std::vector<std::uint64_t>& hashes) {
  const Letters& letters = Letters::instance();
  const char* bytes = utf8.data();
  WordOfCharacters word;
  while (at < utf8.size()) {
    const std::size_t before = at;
    UChar32 c = 0;
    U8_NEXT_OR_FFFD(bytes, at, utf8.size(), c);
    const std::uint32_t letter = letters[c];
    if (letter == Letters::white_space) {
      if (c < 0x80) {
        at = before;
        break;
      }
      word.end(hashes);
    } else if ((letter & Letters::own_word) != 0) {
      word.end(hashes);
      word.add(letter & ~Letters::own_word);
      word.end(hashes);
    } else {
      word.add(letter);
    }
  }
  word.end(hashes);
  return at;
}

}  // namespace

void append_word_hashes(std::string_view utf8, std::vector<std::uint64_t>& hashes) {
  const std::size_t size = utf8.size();
  std::size_t begin = 0;  // of the word
  for (std::size_t at = 0; at < size;) {
    const ByteMasks masks = byte_masks(utf8.substr(at));
    const std::uint64_t leading_ascii = (masks.not_ascii & (~masks.not_ascii + 1)) - 1;
    for (std::uint64_t spaces = masks.white_space & leading_ascii; spaces != 0; spaces &= spaces - 1) {
      const std::size_t end = at + static_cast<std::size_t>(std::countr_zero(spaces));
      if (end > begin) hashes.push_back(ascii_hash(utf8.data() + begin, end - begin, size - begin));
      begin = end + 1;
    }
    if (masks.not_ascii == 0) {
      at += ByteMasks::width;
    } else {
      at = read_characters(utf8, begin, hashes);
      begin = at;
    }
  }
  if (begin < size) hashes.push_back(ascii_hash(utf8.data() + begin, size - begin, size - begin));
}

}  // namespace farpoint::text
