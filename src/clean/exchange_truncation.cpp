// SPDX-License-Identifier: Apache-2.0
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>

#include "exchange_checks.hpp"

namespace farpoint::clean {

namespace {

constexpr std::size_t shortest_prose = 200;  ///< bytes: of an answer whose last sentence has to end
constexpr std::size_t long_line = 40;        ///< bytes: a line of prose, not a heading, a signature or a verse
constexpr double prose_share = 0.8;          ///< of the long lines must end as sentences do

/// The last character; `begin` is where it begins. ICU counts in 32 bits, texts may be longer.
UChar32 last_character(std::string_view utf8, std::size_t& begin) {
  const std::string_view tail = utf8.substr(utf8.size() - std::min<std::size_t>(utf8.size(), U8_MAX_LENGTH));
  auto at = static_cast<std::int32_t>(tail.size());
  UChar32 c = 0;
  U8_PREV_OR_FFFD(reinterpret_cast<const std::uint8_t*>(tail.data()), 0, at, c);
  begin = utf8.size() - tail.size() + static_cast<std::size_t>(at);
  return c;
}

UChar32 last_character(std::string_view utf8) {
  std::size_t begin = 0;
  return last_character(utf8, begin);
}

bool is_one_of(UChar32 c, std::u32string_view characters) {
  return characters.find(static_cast<char32_t>(c)) != std::u32string_view::npos;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_ascii_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::size_t last_line_begin(std::string_view text) {
  const auto newline = text.rfind('\n');
  return newline == std::string_view::npos ? 0 : newline + 1;
}

/// "3", "Hello," or "-" may be whole answers.
bool has_several_words(std::string_view text) {
  constexpr std::size_t fewest_bytes = 24;
  return text.size() >= fewest_bytes;
}

/// Fences come in pairs; a run of more than three backticks is one.
bool has_open_fence(std::string_view text) {
  std::size_t fences = 0;
  for (auto at = text.find("```"); at != std::string_view::npos; at = text.find("```", at)) {
    ++fences;
    at = std::min(text.find_first_not_of('`', at), text.size());
  }
  return fences % 2 == 1;
}

/// A question that ends in the same way asks for such an answer: "Paraphrase: The chairman said:"
bool ends_inside(std::string_view text, std::string_view question) {
  if (!has_several_words(text)) return false;
  const UChar32 last = last_character(text);
  if (is_one_of(last, U",，、:：；")) return question.empty() || last_character(question) != last;
  if (!is_one_of(last, U"([{（【［｛《〈「『")) return false;
  const std::string_view rest = text.substr(0, text.size() - 1);
  return rest.empty() || (rest.back() != ':' && rest.back() != ';');  // ":("
}

/// "the inter-"
bool ends_in_half_word(std::string_view text) {
  if (text.size() < long_line || text.back() != '-') return false;
  const auto space = text.find_last_of(" \n");
  if (space == std::string_view::npos) return false;
  const std::string_view word = text.substr(space + 1);
  // Not "--", nor "-rrb-", which stands for a bracket in some data.
  return word.size() >= 2 && word.front() != '-' && is_ascii_letter(word[word.size() - 2]);
}

/// Length of "12. ", "3) ", "- " or "* " at the beginning of a line, blanks before it included, else 0.
std::size_t item_mark(std::string_view line) {
  const auto begin = std::min(line.find_first_not_of(" \t"), line.size());
  std::size_t at = begin;
  while (at < line.size() && is_digit(line[at])) ++at;
  const bool numbered = at > begin && at - begin <= 3;
  const std::string_view rest = line.substr(at);
  if (numbered && (rest.starts_with('.') || rest.starts_with(')'))) return at + 1;
  if (numbered && rest.starts_with("、")) return at + std::string_view("、").size();
  if (at > begin) return 0;
  if (rest.starts_with("- ") || rest == "-" || rest.starts_with("* ") || rest == "*") return at + 1;
  return rest.starts_with("•") ? at + std::string_view("•").size() : 0;
}

/// The last line is the mark of a list's item without the item.
bool ends_in_empty_item(std::string_view text) {
  const std::size_t begin = last_line_begin(text);
  const std::string_view last = text.substr(begin);
  if (begin == 0 || item_mark(last) != last.size()) return false;
  // Another item, not a number that happens to end the text.
  std::string_view before = trimmed(text.substr(0, begin));
  constexpr std::size_t nearest_lines = 20;
  for (std::size_t i = 0; i < nearest_lines && !before.empty(); ++i) {
    const std::size_t line = last_line_begin(before);
    const std::size_t mark = item_mark(before.substr(line));
    if (mark > 0 && mark < before.size() - line) return true;
    before = trimmed(before.substr(0, line));
  }
  return false;
}

bool ends_sentence(std::string_view line) {
  while (!line.empty()) {
    std::size_t begin = 0;
    const UChar32 last = last_character(line, begin);
    if (!is_one_of(last, U"\"'”’»)）]」』*_` ")) return is_one_of(last, U".!?。！？…:：;；");
    line = line.substr(0, begin);
  }
  return false;
}

/// Begin of what follows the last ". " (or "。" and the like) of a line; 0 where the line is one sentence.
std::size_t last_sentence_begin(std::string_view line) {
  std::size_t begin = 0;
  for (const std::string_view end : {". ", "! ", "? ", ".\" ", "。", "！", "？"}) {
    const auto at = line.rfind(end);
    if (at != std::string_view::npos) begin = std::max(begin, at + end.size());
  }
  return begin;
}

/// What may end without a full stop: hash tags, addresses, formulas, names, code.
bool ends_in_something_else(std::string_view line) {
  const std::size_t sentence = last_sentence_begin(line);
  const std::string_view last = trimmed(line.substr(sentence));
  if (last.find_first_of("=<>{}|\\") != std::string_view::npos || last.find("://") != std::string_view::npos)
    return true;
  const auto space = last.find_last_of(' ');
  const std::string_view word = space == std::string_view::npos ? last : last.substr(space + 1);
  return word.find_first_of("#@/_.") != std::string_view::npos;
}

/// "Anna: see you then" in a chat, where full stops are rare.
bool is_speech(std::string_view line) {
  constexpr std::size_t longest_name = 30;
  const auto colon = line.substr(0, longest_name).find_first_of(":.!?");
  return (colon != std::string_view::npos && line[colon] == ':') ||
         line.substr(0, longest_name).find("：") != std::string_view::npos;
}

/// How the long lines before the last one end.
struct Lines {
  std::size_t whole = 0;
  std::size_t open = 0;
};

Lines ends_of_long_lines(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    if (line.size() > long_line) ++(ends_sentence(line) ? lines.whole : lines.open);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// A long answer in sentences that all end, but for the last.
bool ends_in_half_sentence(std::string_view text) {
  if (text.size() <= shortest_prose || u_isalpha(last_character(text)) == 0) return false;
  const std::size_t begin = last_line_begin(text);
  const std::string_view last = text.substr(begin);
  if (last.size() <= long_line || ends_in_something_else(last) || is_speech(last)) return false;
  Lines lines = ends_of_long_lines(text.substr(0, begin));
  if (last_sentence_begin(last) > 0) ++lines.whole;
  const auto all = static_cast<double>(lines.whole + lines.open);
  return lines.whole > 0 && static_cast<double>(lines.whole) >= prose_share * all;
}

}  // namespace

Finding find_truncation(const Exchange& exchange) {
  const std::string_view text = exchange.answer;
  if (text.empty()) return std::nullopt;
  if (has_open_fence(text) || ends_inside(text, trimmed(last_question(exchange.before))) || ends_in_half_word(text) ||
      ends_in_empty_item(text) || ends_in_half_sentence(text)) {
    return last_excerpt(text);
  }
  return std::nullopt;
}

}  // namespace farpoint::clean
