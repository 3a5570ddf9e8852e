// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/text_statistics.hpp"

#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

#include "ascii.hpp"
#include "boilerplate.hpp"
#include "character_class.hpp"
#include "short_word.hpp"
#include "word_boundaries.hpp"

namespace farpoint::clean {

namespace {

using Kind = CharacterKind;

constexpr std::uint32_t ellipsis_character = 0x2026;
constexpr std::uint64_t dots_of_ellipsis = 3;

/// What may stand between a plain word and the blank behind it.
enum class Behind : std::uint8_t { nothing, comma, full_stop };

Behind behind_word(char c) {
  switch (c) {
    case ',':
    case ';':
    case ':':
      return Behind::comma;
    case '.':
    case '!':
    case '?':
      return Behind::full_stop;
    default:
      return Behind::nothing;
  }
}

/// Words: how many there are, and what each has.
class Words {
 public:
  explicit Words(std::string_view text) : text_(text) {}

  /// text[begin, end): one character, or several letters.
  void read(Kind kind, std::size_t begin, std::size_t end) {
    if (boundaries_.begins_word(kind)) {
      end_word();
      ++words;
    }
    if (kind == Kind::punctuation || kind == Kind::mark) return;
    // Now also an ideograph behind an opening bracket, in one word with it.
    if (core_end_ == core_begin_) core_begin_ = begin;
    core_end_ = end;
    if (kind == Kind::letter || kind == Kind::ideograph) {
      alphabetic += has_letter_ ? 0 : 1;
      has_letter_ = true;
    }
    ideographs += kind == Kind::ideograph ? 1 : 0;
  }

  void white_space() {
    boundaries_.begins_word(Kind::white_space);
    end_word();
  }

  void end_word() {
    const std::size_t size = core_end_ - core_begin_;
    if (size <= longest_stop_word) see_stop_word(text_.substr(core_begin_, size));
    core_begin_ = core_end_ = 0;
    has_letter_ = false;
  }

  /// Words of letters that were read otherwise, with white space before the first and behind the last one.
  void add(std::uint64_t count) {
    words += count;
    alphabetic += count;
  }

  /// Words of one ideograph each, behind another one.
  void add_ideographs(std::uint64_t count) {
    add(count);
    ideographs += count;
  }

  bool is_outside() const { return boundaries_.is_outside(); }
  bool is_behind_ideograph() const { return boundaries_.is_behind_ideograph(); }

  std::uint64_t words = 0;
  std::uint64_t alphabetic = 0;
  std::uint64_t ideographs = 0;
  StopWords stop_words;

 private:
  static constexpr std::size_t longest_stop_word = 4;

  void see_stop_word(std::string_view word) {
    if (std::ranges::all_of(word, is_ascii_letter)) stop_words.see(packed(word));
  }

  std::string_view text_;
  WordBoundaries boundaries_;
  std::size_t core_begin_ = 0;  ///< the word without punctuation around it
  std::size_t core_end_ = 0;
  bool has_letter_ = false;
};

/// Lines: how they begin and end, and what boilerplate is in them.
class Lines {
 public:
  void read(std::uint32_t c, CharacterClass properties) {
    if (!has_text_) {
      bullets += properties.is_bullet() ? 1 : 0;
      undecided_bullet_ = properties.may_be_bullet();
      has_text_ = true;
    } else {
      undecided_bullet_ = false;
    }
    if (c == '.') {
      ++dots_;
      end_ = dots_ >= dots_of_ellipsis ? End::ellipsis : End::terminal;
      return;
    }
    end_dots();
    ellipses += c == ellipsis_character ? 1 : 0;
    const bool terminal = properties.ends_sentence() || properties.closes_quotation();
    end_ = c == ellipsis_character ? End::ellipsis : terminal ? End::terminal : End::other;
  }

  void words(bool with_full_stop) {
    has_text_ = true;
    undecided_bullet_ = false;
    if (dots_ != 0) end_dots();
    end_ = with_full_stop ? End::terminal : End::other;
  }

  void white_space(std::uint32_t c) {
    end_dots();
    if (c == '\n') return end_line();
    bullets += undecided_bullet_ ? 1 : 0;
    undecided_bullet_ = false;
  }

  void found(const Boilerplate& phrases) {
    javascript_ = javascript_ || phrases.javascript;
    policy_ = policy_ || phrases.policy;
  }

  void end_line() {
    end_dots();
    lines += has_text_ ? 1 : 0;
    terminals += end_ == End::terminal ? 1 : 0;
    ellipsis_ends += end_ == End::ellipsis ? 1 : 0;
    javascript_lines += javascript_ ? 1 : 0;
    policy_lines += policy_ ? 1 : 0;
    has_text_ = undecided_bullet_ = javascript_ = policy_ = false;
    end_ = End::other;
  }

  std::uint64_t lines = 0;
  std::uint64_t bullets = 0;
  std::uint64_t terminals = 0;
  std::uint64_t ellipsis_ends = 0;
  std::uint64_t ellipses = 0;
  std::uint64_t javascript_lines = 0;
  std::uint64_t policy_lines = 0;

 private:
  enum class End : std::uint8_t { other, terminal, ellipsis };

  void end_dots() {
    ellipses += dots_ / dots_of_ellipsis;
    dots_ = 0;
  }

  std::uint64_t dots_ = 0;  ///< in a row, just before
  End end_ = End::other;    ///< of what there is of the line, white space aside
  bool has_text_ = false;
  bool undecided_bullet_ = false;
  bool javascript_ = false;
  bool policy_ = false;
};

class Sentences {
 public:
  void read(std::uint32_t c, CharacterClass properties) {
    constexpr std::uint32_t end_of_ascii = 0x80;
    if (properties.ends_sentence()) {
      const bool ends_anywhere = c >= end_of_ascii;
      if (ends_anywhere) end();
      if (state_ == State::open) state_ = State::may_have_ended;
    } else if (!properties.closes()) {
      state_ = State::open;
    }
  }

  /// The last of the full stops, if any, has white space behind it.
  void words(std::uint64_t full_stops) {
    sentences += full_stops;
    state_ = State::open;
  }

  /// Also for the end of the text.
  void white_space() {
    if (state_ == State::may_have_ended) end();
    state_ = State::open;
  }

  std::uint64_t sentences = 0;

 private:
  enum class State : std::uint8_t { open, may_have_ended, ended };

  void end() {
    sentences += state_ == State::ended ? 0 : 1;
    state_ = State::ended;
  }

  State state_ = State::open;
};

/// Reads a text from begin to end: plain words, which is what most of it is, at once, and all else character by
/// character.
class Reader {
 public:
  explicit Reader(std::string_view utf8) : text_(utf8), words_(utf8) {}

  TextStatistics read() {
    const char* const bytes = text_.data();
    const std::size_t size = text_.size();
    for (std::size_t at = 0; at < size;) {
      if (words_.is_outside()) at = plain_words(at);
      if (at == size) break;
      const std::size_t begin = at;
      if (is_ascii_letter(bytes[at])) {
        do ++at;
        while (at < size && is_ascii_letter(bytes[at]));
        letters(begin, at);
      } else {
        UChar32 code_point = 0;
        U8_NEXT_OR_FFFD(bytes, at, size, code_point);
        character(static_cast<std::uint32_t>(code_point), begin, at);
        if (words_.is_behind_ideograph()) at = plain_ideographs(at);
      }
    }
    words_.end_word();
    lines_.end_line();
    sentences_.white_space();
    return result();
  }

 private:
  /// Reads words of less than ten ASCII letters, each with a blank behind it, or one mark of punctuation and a blank.
  /// Returns where the first other word begins.
  std::size_t plain_words(std::size_t at) {
    constexpr std::size_t longest = 9;
    constexpr std::size_t read_at_once = 2 * longest_packed_word + 2;
    const char* const bytes = text_.data();
    std::uint64_t letters = 0;
    std::uint64_t words = 0;
    std::uint64_t marks = 0;
    std::uint64_t full_stops = 0;
    Behind behind = Behind::nothing;
    while (at + read_at_once <= text_.size()) {
      auto [length, word] = leading_letters(bytes + at);
      if (length == longest_packed_word) length += leading_letters(bytes + at + longest_packed_word).count;
      const Behind mark = behind_word(bytes[at + length]);
      const std::size_t size = length + (mark == Behind::nothing ? 0 : 1);
      if (length == 0 || length > longest || bytes[at + size] != ' ' || may_end_phrase(word)) break;
      if (length <= longest_packed_word) words_.stop_words.see(word);
      behind = mark;
      ++words;
      letters += length;
      marks += size - length;
      full_stops += mark == Behind::full_stop ? 1 : 0;
      at += size + 1;
    }
    if (words == 0) return at;
    count(Kind::letter) += letters;
    count(Kind::punctuation) += marks;
    count(Kind::white_space) += words;
    words_.add(words);
    lines_.words(behind == Behind::full_stop);
    sentences_.words(full_stops);
    return at;
  }

  /// Reads what follows an ideograph as far as it is ideographs of the basic plane. Returns where something else
  /// begins.
  std::size_t plain_ideographs(std::size_t at) {
    const char* const bytes = text_.data();
    std::uint64_t ideographs = 0;
    for (; at + 3 <= text_.size() && U8_IS_TRAIL(bytes[at + 1]) && U8_IS_TRAIL(bytes[at + 2]); at += 3) {
      const auto lead = static_cast<unsigned char>(bytes[at]);
      if ((lead & 0xF0U) != 0xE0U) break;
      const CharacterClass properties =
          classes_[(lead & 0xFU) << 12U | (bytes[at + 1] & 0x3FU) << 6U | (bytes[at + 2] & 0x3FU)];
      if (properties.kind() != Kind::ideograph) break;
      chinese_stop_words_ |= 1U << properties.chinese_stop_word();
      ++ideographs;
    }
    count(Kind::ideograph) += ideographs;
    if (ideographs == 0) return at;
    words_.add_ideographs(ideographs);
    lines_.words(false);
    sentences_.words(0);
    return at;
  }

  void letters(std::size_t begin, std::size_t end) {
    count(Kind::letter) += end - begin;
    words_.read(Kind::letter, begin, end);
    lines_.words(false);
    sentences_.words(0);
    if (!may_be_boilerplate(text_.substr(begin, end - begin))) return;
    const Boilerplate phrases = boilerplate_at(text_, begin, end);
    lines_.found(phrases);
    lorem_ipsum_ += phrases.lorem_ipsum ? 1 : 0;
  }

  void character(std::uint32_t c, std::size_t begin, std::size_t end) {
    const CharacterClass properties = classes_[c];
    const Kind kind = properties.kind();
    ++count(kind);
    if (kind == Kind::white_space) {
      words_.white_space();
      lines_.white_space(c);
      sentences_.white_space();
      return;
    }
    words_.read(kind, begin, end);
    lines_.read(c, properties);
    sentences_.read(c, properties);
    hash_symbols_ += c == '#' ? 1 : 0;
    curly_brackets_ += c == '{' ? 1 : 0;
    chinese_stop_words_ |= 1U << properties.chinese_stop_word();
  }

  std::uint64_t& count(Kind kind) { return of_kind_[static_cast<std::size_t>(kind)]; }
  std::uint64_t of_kind(Kind kind) const { return of_kind_[static_cast<std::size_t>(kind)]; }

  TextStatistics result() const {
    TextStatistics result;
    for (const std::uint64_t count : of_kind_) result.characters += count;
    result.letters = of_kind(Kind::letter) + of_kind(Kind::ideograph);
    result.digits = of_kind(Kind::digit);
    result.white_space = of_kind(Kind::white_space);
    result.punctuation = of_kind(Kind::punctuation);
    result.symbols = of_kind(Kind::symbol);
    result.words = words_.words;
    result.alphabetic_words = words_.alphabetic;
    result.single_character_words = words_.ideographs;
    result.lines = lines_.lines;
    result.bullet_lines = lines_.bullets;
    result.ellipsis_lines = lines_.ellipsis_ends;
    result.terminal_lines = lines_.terminals;
    result.javascript_lines = lines_.javascript_lines;
    result.policy_lines = lines_.policy_lines;
    result.stop_words = words_.stop_words.seen();
    result.chinese_stop_words = static_cast<std::uint64_t>(std::popcount(chinese_stop_words_ >> 1U));
    result.hash_symbols = hash_symbols_;
    result.ellipses = lines_.ellipses;
    result.curly_brackets = curly_brackets_;
    result.lorem_ipsum = lorem_ipsum_;
    result.sentences = sentences_.sentences;
    return result;
  }

  std::string_view text_;
  const CharacterClasses& classes_ = CharacterClasses::instance();
  std::array<std::uint64_t, 7> of_kind_{};
  Words words_;
  Lines lines_;
  Sentences sentences_;
  std::uint64_t hash_symbols_ = 0;
  std::uint64_t curly_brackets_ = 0;
  std::uint64_t lorem_ipsum_ = 0;
  unsigned chinese_stop_words_ = 0;  ///< by CharacterClass::chinese_stop_word(); bit 0 says nothing
};

}  // namespace

TextStatistics text_statistics(std::string_view utf8) {
  return Reader(utf8).read();
}

}  // namespace farpoint::clean
