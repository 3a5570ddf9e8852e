// SPDX-License-Identifier: Apache-2.0
#include "combining_runs.hpp"

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <cstdint>
#include <utility>

#include "normalizer.hpp"

namespace farpoint::clean {

namespace {

constexpr std::string_view grapheme_joiner = "\xCD\x8F";  // U+034F
constexpr unsigned char first_lead_of_marks = 0xCC;       // of U+0300
// A run above the limit takes more bytes than this, for no mark decomposes into more marks than it has bytes.
constexpr std::size_t stride = most_combining_marks / 2;

/// Nonstarters in a character's full decomposition.
struct Marks {
  std::size_t trailing = 0;
  bool alone = false;  ///< no starter among them
};

Marks marks_of(UChar32 c) {
  static const icu::Normalizer2& decomposition = compatibility_decomposition();
  if (c < 0) return {};
  icu::UnicodeString parts;
  if (!decomposition.getDecomposition(c, parts)) parts = icu::UnicodeString(c);
  Marks marks;
  for (std::int32_t at = parts.length(); at > 0;) {
    at = parts.moveIndex32(at, -1);
    if (decomposition.getCombiningClass(parts.char32At(at)) == 0) return marks;
    ++marks.trailing;
  }
  marks.alone = true;
  return marks;
}

class Reader {
 public:
  explicit Reader(std::string_view utf8) : text_(utf8) {}

  std::size_t begin_of_character(std::size_t at) const {
    constexpr std::size_t most_trail_bytes = 3;
    const std::size_t least = at < most_trail_bytes ? 0 : at - most_trail_bytes;
    while (at > least && U8_IS_TRAIL(text_[at])) --at;
    return at;
  }

  Marks marks_at(std::size_t at, std::size_t& end) const {
    UChar32 c = 0;
    const auto size = static_cast<std::ptrdiff_t>(text_.size());
    auto next = static_cast<std::ptrdiff_t>(at);
    U8_NEXT(text_.data(), next, size, c);
    end = static_cast<std::size_t>(next);
    return static_cast<unsigned char>(text_[at]) < first_lead_of_marks && c >= 0 && c < 0x80 ? Marks{} : marks_of(c);
  }

  /// The starter on which the marks before `at` stand, or the first mark of the text.
  std::size_t begin_of_run(std::size_t at, std::size_t from) const {
    std::size_t end = 0;
    while (at > from) {
      at = begin_of_character(at - 1);
      if (!marks_at(at, end).alone) break;
    }
    return at;
  }

 private:
  std::string_view text_;
};

}  // namespace

bool limit_combining_runs(std::string_view utf8, std::string& out) {
  const Reader reader(utf8);
  std::string limited;
  std::size_t copied = 0;
  std::size_t done = 0;
  for (std::size_t probe = stride; probe < utf8.size(); probe = done + stride) {
    done = probe;
    if (static_cast<unsigned char>(utf8[probe]) < 0x80) continue;
    std::size_t end = 0;
    const std::size_t mark = reader.begin_of_character(probe);
    if (!reader.marks_at(mark, end).alone) continue;
    std::size_t at = reader.begin_of_run(mark, copied);
    std::size_t count = 0;
    for (bool first = true; at < utf8.size(); first = false) {
      const Marks marks = reader.marks_at(at, end);
      if (!marks.alone && !first) break;
      if (marks.alone && count + marks.trailing > most_combining_marks) {
        limited.append(utf8, copied, at - copied).append(grapheme_joiner);
        copied = at;
        count = 0;
      }
      count += marks.trailing;
      at = end;
    }
    done = at;
  }
  if (limited.empty()) return false;
  limited.append(utf8, copied);
  out = std::move(limited);
  return true;
}

}  // namespace farpoint::clean
