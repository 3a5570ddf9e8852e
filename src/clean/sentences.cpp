// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/sentences.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace farpoint::clean {

namespace {

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view without_space(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// Bytes at which a sentence may end: . ! ? \n, and the first bytes of … 。 ！ ？ ｡
constexpr std::array<bool, 256> stops = [] {
  std::array<bool, 256> table{};
  for (const unsigned char byte : {'.', '!', '?', '\n'}) table[byte] = true;
  for (const unsigned char byte : {0xe2, 0xe3, 0xef}) table[byte] = true;
  return table;
}();

/// What kind of end begins at a place, and how many bytes it takes.
enum class Mark { none, line, full_stop, other, wide };
struct End {
  Mark mark = Mark::none;
  std::size_t bytes = 1;
};

End end_at(std::string_view text, std::size_t at) {
  switch (text[at]) {
    case '\n':
      return {Mark::line, 1};
    case '.':
      return {Mark::full_stop, 1};
    case '!':
    case '?':
      return {Mark::other, 1};
    default:
      break;
  }
  const std::string_view three = text.substr(at, 3);
  if (three == "。" || three == "！" || three == "？" || three == "｡") return {Mark::wide, 3};
  if (three == "…") return {Mark::other, 3};
  return {};
}

/// Bytes of a closing quote or bracket at `at`, else 0.
std::size_t closing_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return 0;
  const char c = text[at];
  if (c == '"' || c == '\'' || c == ')' || c == ']' || c == '}' || c == '*' || c == '_') return 1;
  const std::string_view three = text.substr(at, 3);
  constexpr std::array<std::string_view, 8> wide = {"”", "’", "」", "』", "）", "】", "》", "］"};
  return std::find(wide.begin(), wide.end(), three) != wide.end() ? 3 : 0;
}

constexpr std::array<std::string_view, 46> abbreviations = {
    "mr",   "mrs", "ms",  "dr",   "prof", "sr",   "jr",  "st",   "mt",  "vs",  "etc", "eg",
    "ie",   "cf",  "al",  "fig",  "eq",   "no",   "nr",  "vol",  "ed",  "eds", "pp",  "approx",
    "dept", "est", "inc", "ltd",  "co",   "corp", "gen", "col",  "lt",  "sgt", "rev", "hon",
    "gov",  "sen", "rep", "pres", "jan",  "feb",  "aug", "sept", "oct", "nov"};

/// Whether the full stop at `at` belongs to the word before it. `begin` is where the sentence begins.
bool abbreviates(std::string_view text, std::size_t begin, std::size_t at) {
  constexpr std::size_t longest = 6;
  std::size_t word = at;
  while (word > begin && at - word <= longest && is_letter(text[word - 1])) --word;
  const std::size_t length = at - word;
  if (length == 0 || length > longest) return false;
  const char before = word > begin ? text[word - 1] : ' ';
  if (length == 1)
    return before == '.' || (is_space(before) && text[word] >= 'A' && text[word] <= 'Z' && text[word] != 'I');
  std::string folded(text.substr(word, length));
  for (char& c : folded) c = static_cast<char>(c | ('a' - 'A'));
  return std::find(abbreviations.begin(), abbreviations.end(), folded) != abbreviations.end();
}

/// "3." at the beginning of a sentence is the number of an item.
bool numbers_an_item(std::string_view text, std::size_t begin, std::size_t at) {
  constexpr std::size_t most_digits = 3;
  return at > begin && at - begin <= most_digits &&
         std::all_of(text.begin() + static_cast<std::ptrdiff_t>(begin), text.begin() + static_cast<std::ptrdiff_t>(at),
                     is_digit);
}

/// Reads one sentence after the other.
class SentenceReader {
 public:
  explicit SentenceReader(std::string_view text) : text_(text) {}

  /// Empty at the end of the text.
  std::string_view next() {
    while (true) {
      while (begin_ < text_.size() && is_space(text_[begin_])) ++begin_;
      if (begin_ == text_.size()) return {};
      const std::size_t end = end_of_sentence();
      const std::string_view sentence = without_space(text_.substr(begin_, end - begin_));
      begin_ = end;
      if (!sentence.empty()) return sentence;
    }
  }

 private:
  std::size_t end_of_sentence() const {
    for (std::size_t at = begin_; at < text_.size();) {
      if (!stops[static_cast<unsigned char>(text_[at])]) {
        ++at;
        continue;
      }
      const End end = end_at(text_, at);
      if (end.mark == Mark::line) return at + 1;
      if (end.mark == Mark::none) {
        at += end.bytes;
        continue;
      }
      const Marks marks = marks_from(at, end);
      if (marks.wide || (ends_before(marks.end) && !(marks.lone_full_stop && continues(at, marks.end))))
        return marks.end;
      at = marks.end;
    }
    return text_.size();
  }

  struct Marks {
    std::size_t end = 0;  ///< behind them, and behind what closes
    bool wide = false;    ///< one of 。！？ is among them
    bool lone_full_stop = false;
  };

  /// "?!", "...", "。」": all marks from `at` on, of which `mark` is the first.
  Marks marks_from(std::size_t at, End mark) const {
    Marks marks{at, false, mark.mark == Mark::full_stop};
    std::size_t count = 0;
    for (; mark.mark != Mark::none && mark.mark != Mark::line; ++count) {
      marks.wide |= mark.mark == Mark::wide;
      marks.end += mark.bytes;
      mark = marks.end < text_.size() ? end_at(text_, marks.end) : End{};
    }
    marks.lone_full_stop &= count == 1;
    while (const std::size_t closing = closing_at(text_, marks.end)) marks.end += closing;
    return marks;
  }

  bool ends_before(std::size_t at) const { return at >= text_.size() || is_space(text_[at]); }

  /// Whether the sentence goes on behind the full stop at `mark`.
  bool continues(std::size_t mark, std::size_t at) const {
    while (at < text_.size() && text_[at] == ' ') ++at;
    const bool small_letter = at < text_.size() && text_[at] >= 'a' && text_[at] <= 'z';
    return small_letter || abbreviates(text_, begin_, mark) || numbers_an_item(text_, begin_, mark);
  }

  std::string_view text_;
  std::size_t begin_ = 0;
};

}  // namespace

std::vector<std::string_view> sentences(std::string_view utf8, std::size_t most) {
  std::vector<std::string_view> found;
  SentenceReader reader(utf8);
  while (found.size() < most) {
    const std::string_view sentence = reader.next();
    if (sentence.empty()) break;
    found.push_back(sentence);
  }
  return found;
}

}  // namespace farpoint::clean
