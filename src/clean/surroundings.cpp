// SPDX-License-Identifier: Apache-2.0
#include "surroundings.hpp"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "personal_match.hpp"

namespace farpoint::clean {

namespace {

constexpr std::uint32_t cased_or_number =
    U_GC_LU_MASK | U_GC_LL_MASK | U_GC_LT_MASK | U_GC_ND_MASK | U_GC_NL_MASK | U_GC_NO_MASK;
constexpr std::uint32_t symbols = U_GC_SC_MASK | U_GC_SM_MASK;

/// General category of the code point that ends before `at`, or 0 if it is ASCII or none.
std::uint32_t category_before(std::string_view text, std::size_t at) {
  if (at == 0 || U8_IS_SINGLE(text[at - 1])) return 0;
  const std::size_t begin = at > U8_MAX_LENGTH ? at - U8_MAX_LENGTH : 0;
  auto position = static_cast<std::int32_t>(at - begin);
  UChar32 code_point = 0;
  U8_PREV_OR_FFFD(text.data() + begin, 0, position, code_point);
  return U_GET_GC_MASK(code_point);
}

std::uint32_t category_at(std::string_view text, std::size_t at) {
  if (at >= text.size() || U8_IS_SINGLE(text[at])) return 0;
  std::size_t position = at;
  UChar32 code_point = 0;
  U8_NEXT_OR_FFFD(text.data(), position, text.size(), code_point);
  return U_GET_GC_MASK(code_point);
}

char lower(char c) {
  return is_upper(c) ? static_cast<char>(c | 0x20) : c;
}

/// Whether text[..at] ends with `word`, which is lower-case, in any case; ASCII words must stand free.
bool ends_with_word(std::string_view text, std::size_t at, std::string_view word) {
  if (word.size() > at) return false;
  const std::size_t begin = at - word.size();
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (lower(text[begin + i]) != word[i]) return false;
  }
  return !is_letter(word.front()) || !is_letter(byte_at(text, begin - 1));
}

}  // namespace

bool is_free_before(std::string_view text, std::size_t at) {
  return at == 0 || (!is_word(text[at - 1]) && (category_before(text, at) & cased_or_number) == 0);
}

bool is_free_behind(std::string_view text, std::size_t at) {
  return !is_word(byte_at(text, at)) && (category_at(text, at) & cased_or_number) == 0;
}

bool may_begin_number(std::string_view text, std::size_t at, std::size_t floor) {
  if (!is_free_before(text, at) || (category_before(text, at) & symbols) != 0) return false;
  if (at == 0) return true;
  const char before = byte_at(text, at - 2);
  switch (text[at - 1]) {
    case ',':
      return at - 1 == floor || !is_digit(before);
    case '.':
      return !is_digit(before);
    case '/':
      return (at - 1 == floor && floor > 0) || !is_word(before);
    case '-':
      return !is_word(before);
    case '*':  // "**bold**", but not "2*1"
      return before == '*' || !(is_word(before) || before == ' ' || before == ')');
    case '+':
    case '$':
    case '#':
    case '^':
    case '%':
    case '&':
    case '@':
    case '~':
      return false;
    default:
      return true;
  }
}

bool may_end_number(std::string_view text, std::size_t at) {
  if (!is_free_behind(text, at) || (category_at(text, at) & symbols) != 0) return false;
  const char behind = byte_at(text, at + 1);
  switch (byte_at(text, at)) {
    case '.':
      return !is_digit(behind);
    case ',':  // a list goes on, but not a number with a comma every three digits
      return digits_at(text, at + 1, 4) != 3;
    case '-':
      return !is_word(behind);
    case '*':
      return behind == '*' || !(is_word(behind) || behind == ' ' || behind == '(');
    case '+':
    case '=':
    case '^':
    case '%':
      return false;
    default:
      return true;
  }
}

bool is_before_unit(std::string_view text, std::size_t at) {
  static constexpr std::array<std::string_view, 24> units{"元", "美元", "万", "亿", "千", "百", "人", "个",
                                                          "吨", "米",   "年", "次", "岁", "名", "户", "台",
                                                          "件", "倍",   "字", "公", "平", "英", "秒", "立"};
  while (byte_at(text, at) == ' ') {
    ++at;
    if (byte_at(text, at) == ' ') return false;
  }
  const std::string_view behind = text.substr(std::min(at, text.size()), 8);
  return std::ranges::any_of(units, [&](std::string_view unit) { return behind.starts_with(unit); });
}

bool is_in_url(std::string_view text, std::size_t at) {
  constexpr std::size_t farthest = 256;
  const std::size_t stop = at > farthest ? at - farthest : 0;
  std::size_t begin = at;
  while (begin > stop) {
    const char c = text[begin - 1];
    if (c <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>') break;  // bytes of other scripts are negative
    --begin;
  }
  const std::string_view word = text.substr(begin, at - begin);
  return word.find("://") != word.npos || word.find("www.") != word.npos;
}

bool is_behind_version_word(std::string_view text, std::size_t at) {
  static constexpr std::array<std::string_view, 24> words{
      "version", "versions", "ver",    "v",      "release", "releases", "rev",    "revision",
      "build",   "firmware", "driver", "update", "section", "chapter",  "clause", "figure",
      "table",   "§",        "版本",   "版本号", "固件",    "第",       "章",     "节"};
  constexpr std::string_view between = " :=.\"'(\t";
  constexpr int most_between = 4;
  for (int i = 0; i < most_between && at > 0 && between.find(text[at - 1]) != between.npos; ++i) --at;
  constexpr std::string_view wide_colon = "：";
  if (text.substr(0, at).ends_with(wide_colon)) at -= wide_colon.size();
  return std::ranges::any_of(words, [&](std::string_view word) { return ends_with_word(text, at, word); });
}

bool is_at_line_start(std::string_view text, std::size_t at) {
  constexpr std::string_view marks = " \t#*";
  constexpr int most_marks = 16;
  for (int i = 0; i < most_marks && at > 0 && marks.find(text[at - 1]) != marks.npos; ++i) --at;
  return at == 0 || text[at - 1] == '\n';
}

}  // namespace farpoint::clean
