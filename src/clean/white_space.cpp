// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/white_space.hpp"

#include <algorithm>
#include <cstddef>

#include "code_spans.hpp"
#include "rewritten_text.hpp"

namespace farpoint::clean {

namespace {

using Byte = unsigned char;

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
constexpr bool is_high(char c) {
  return static_cast<Byte>(c) >= 0x80;
}

/// Bytes of the space, tab or Unicode space (Zs but U+0020) that begins `text`; 0 if it begins with something else.
std::size_t blank_at(std::string_view text) {
  if (is_blank(text[0])) return 1;
  if (!is_high(text[0])) return 0;
  if (text.starts_with("\xC2\xA0")) return 2;
  const std::string_view three = text.substr(0, 3);
  if (three.size() < 3) return 0;
  const auto last = static_cast<Byte>(three[2]);
  const std::string_view two = three.substr(0, 2);
  const bool space = three == "\xE1\x9A\x80" || three == "\xE3\x80\x80" || three == "\xE2\x81\x9F" ||
                     (two == "\xE2\x80" && ((last >= 0x80 && last <= 0x8A) || last == 0xAF));
  return space ? 3 : 0;
}

std::size_t blanks_at(std::string_view text) {
  std::size_t end = 0;
  while (true) {
    while (end < text.size() && is_blank(text[end])) ++end;
    const std::size_t wide = end < text.size() && is_high(text[end]) ? blank_at(text.substr(end)) : 0;
    if (wide == 0) return end;
    end += wide;
  }
}

/// Bytes of the blank, or CR, that ends `text`; 0 if something else does. `text` is not empty.
std::size_t blank_before(std::string_view text) {
  if (is_blank(text.back()) || text.back() == '\r') return 1;
  if (!is_high(text.back())) return 0;
  for (const std::size_t bytes : {2, 3}) {
    if (text.size() >= bytes && blank_at(text.substr(text.size() - bytes)) == bytes) return bytes;
  }
  return 0;
}

// The loops below have no branches, so that the compiler makes vector instructions of them.

/// Whether a, b, c begin with a Unicode space.
inline int is_wide_space(Byte a, Byte b, Byte c) {
  const int general = (a == 0xE2) & (((b == 0x80) & ((c <= 0x8A) | (c == 0xAF))) | ((b == 0x81) & (c == 0x9F)));
  return general | ((a == 0xC2) & (b == 0xA0)) | ((a == 0xE1) & (b == 0x9A) & (c == 0x80)) |
         ((a == 0xE3) & (b == 0x80) & (c == 0x80));
}

/// Whether two blanks stand side by side in `text`, or a Unicode space stands before its last two bytes.
bool has_blanks_to_join(std::string_view text) {
  const auto* bytes = reinterpret_cast<const Byte*>(text.data());
  unsigned any = 0;
  for (std::size_t i = 2; i < text.size(); ++i) {
    const Byte a = bytes[i - 2], b = bytes[i - 1], c = bytes[i];
    const int blanks = ((a == ' ') | (a == '\t')) & ((b == ' ') | (b == '\t'));
    any |= static_cast<Byte>(blanks | is_wide_space(a, b, c));
  }
  return any != 0;
}

/// Whether there is something to tidy in lines that neither begin nor end with a blank line. May say so of a Unicode
/// space in an indentation.
bool is_untidy(std::string_view lines) {
  const auto* bytes = reinterpret_cast<const Byte*>(lines.data());
  unsigned any = 0;
  for (std::size_t i = 2; i < lines.size(); ++i) {
    const Byte a = bytes[i - 2], b = bytes[i - 1], c = bytes[i];
    const int a_blank = (a == ' ') | (a == '\t'), b_blank = (b == ' ') | (b == '\t'),
              c_blank = (c == ' ') | (c == '\t');
    const int within = (a != '\n') & (a_blank ^ 1) & b_blank & c_blank;
    const int at_end = (c == '\n') & (b_blank | (b == '\r') | ((b == '\n') & (a == '\n')));
    any |= static_cast<Byte>(within | at_end | is_wide_space(a, b, c));
  }
  return any != 0;
}

class Tidier {
 public:
  explicit Tidier(std::string_view text) : text_(text), tidy_(text) {}

  void prose(Range part) {
    const std::string_view text = text_.substr(0, part.end);
    for (Range block = {part.begin, part.begin}; block.begin < part.end; block.begin = block.end) {
      const std::size_t last_line = std::min(block.begin + block_size, part.end);
      block.end = std::min(text.find('\n', last_line), part.end - 1) + 1;
      if (is_tidy(block)) {
        end_blank_lines();
        tidy_.keep(block);
      } else {
        lines(block);
      }
    }
  }

  void code(Range part) {
    end_blank_lines();
    tidy_.keep(part);
  }

  bool finish(std::string& out) { return tidy_.finish(out); }

 private:
  static constexpr std::size_t block_size = 1024;  ///< and the rest of the line

  bool is_tidy(Range block) const {
    std::string_view all = text_.substr(block.begin, block.size());
    const std::size_t first = all.find_first_not_of(" \t\r");
    if (first == std::string_view::npos || all[first] == '\n' || is_untidy(all)) return false;
    if (all.back() == '\n') all.remove_suffix(1);
    return all.back() != '\n' && blank_before(all) == 0;
  }

  void lines(Range block) {
    const std::string_view text = text_.substr(0, block.end);
    for (std::size_t at = block.begin; at < block.end;) {
      const std::size_t end = std::min(text.find('\n', at), block.end);
      line({at, end});
      at = end + 1;
    }
  }

  /// `all`: without its end, which may be missing in the last one.
  void line(Range all) {
    const std::size_t begin = all.begin + blanks_at(text_.substr(all.begin, all.size()));
    std::size_t end = all.end;
    while (end > begin) {
      const std::size_t blank = blank_before(text_.substr(begin, end - begin));
      if (blank == 0) break;
      end -= blank;
    }
    if (begin == end) {
      if (blank_line_.empty()) blank_line_ = {all.end, all.end + 1};
      return;
    }
    end_blank_lines();
    tidy_.keep({all.begin, begin});
    words({begin, end});
    if (all.end < text_.size()) tidy_.keep({all.end, all.end + 1});
  }

  /// Before something that is not blank.
  void end_blank_lines() {
    if (!blank_line_.empty() && begun_) tidy_.keep(blank_line_);
    blank_line_ = {};
    begun_ = true;
  }

  /// A part of a line that neither begins nor ends with a blank.
  void words(Range part) {
    const std::string_view text = text_.substr(0, part.end);
    if (!has_blanks_to_join(text.substr(part.begin))) return tidy_.keep(part);
    std::size_t kept = part.begin;
    for (std::size_t at = part.begin; at < part.end;) {
      const std::size_t blanks = blanks_at(text.substr(at));
      if (blanks > 1) {
        tidy_.keep({kept, at});
        tidy_.insert(" ");
        kept = at + blanks;
      }
      at += std::max<std::size_t>(blanks, 1);
      while (at < part.end && !is_blank(text[at]) && !is_high(text[at])) ++at;
    }
    tidy_.keep({kept, part.end});
  }

  std::string_view text_;
  RewrittenText tidy_;
  bool begun_ = false;  ///< there has been something that is not blank
  Range blank_line_;    ///< the end of the first of the blank lines before this one; empty if there are none
};

}  // namespace

bool tidy_white_space(std::string_view utf8, std::string& out) {
  Tidier tidier(utf8);
  for_each_part(
      utf8, [&](Range part) { tidier.prose(part); }, [&](Range part) { tidier.code(part); });
  return tidier.finish(out);
}

}  // namespace farpoint::clean
