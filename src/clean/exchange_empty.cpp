// SPDX-License-Identifier: Apache-2.0
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>

#include "exchange_checks.hpp"

namespace farpoint::clean {

namespace {

using corpus::Role;
using corpus::Turn;

/// Letters, digits and symbols say something, and so does some punctuation: "?" may be the right answer to "What ends a
/// question?", "[]" that to "Which names are in the text?". Dots, dashes, commas, quotation marks and the marks of code
/// blocks are what is left where an answer is missing.
bool says_something(UChar32 c) {
  constexpr std::uint32_t nothing =
      U_GC_C_MASK | U_GC_Z_MASK | U_GC_M_MASK | U_GC_PD_MASK | U_GC_PC_MASK | U_GC_PI_MASK | U_GC_PF_MASK;
  if (c == U_SENTINEL || c == 0xfffd) return false;
  if ((U_GET_GC_MASK(c) & nothing) != 0) return false;
  constexpr std::u32string_view weak = U".,;:'\"`·。，、；：…‥．｡､";
  return weak.find(static_cast<char32_t>(c)) == std::u32string_view::npos;
}

bool has_content(std::string_view utf8) {
  const char* bytes = utf8.data();
  const auto size = static_cast<std::ptrdiff_t>(utf8.size());
  for (std::ptrdiff_t at = 0; at < size;) {
    UChar32 c = 0;
    U8_NEXT_OR_FFFD(bytes, at, size, c);
    if (says_something(c)) return true;
  }
  return false;
}

constexpr std::size_t longest_filler = 24;

/// What stands for a missing text in published data. Not "Na" (sodium), "undefined" or "没有", which are right answers
/// to some questions.
bool is_filler(std::string_view utf8) {
  if (utf8.size() > longest_filler) return false;
  // "<noinput>", "[none].", "(N/A)"
  constexpr std::string_view wrapping = "<>[](){}\"'`.*_ ";
  const auto begin = utf8.find_first_not_of(wrapping);
  if (begin == std::string_view::npos) return false;
  std::string_view bare = utf8.substr(begin, utf8.find_last_not_of(wrapping) + 1 - begin);
  if (bare == "nan") return true;
  constexpr std::string_view full_stop = "。";
  if (bare.ends_with(full_stop)) bare.remove_suffix(full_stop.size());

  std::string folded(bare);
  std::transform(folded.begin(), folded.end(), folded.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  // Nor "no answer", which is right where a question has none.
  constexpr std::array<std::string_view, 17> fillers = {
      "n/a",      "n.a",       "n\\a", "none", "null", "no input", "noinput", "no output", "nooutput",
      "no_input", "no_output", "无",   "空",   "暂无", "不适用",   "无输入",  "无输出"};
  return std::find(fillers.begin(), fillers.end(), folded) != fillers.end();
}

bool says_nothing(std::string_view utf8) {
  const std::string_view text = without_end_marks(utf8);
  return !has_content(text) || is_filler(text);
}

}  // namespace

Finding find_empty_prompt(const Exchange& exchange) {
  const auto said_by = [&](Role role) {
    return std::any_of(exchange.before.begin(), exchange.before.end(),
                       [role](const Turn& turn) { return turn.role == role && !says_nothing(turn.text); });
  };
  const auto has = [&](Role role) {
    return std::any_of(exchange.before.begin(), exchange.before.end(),
                       [role](const Turn& turn) { return turn.role == role; });
  };
  if (said_by(Role::user) || (!has(Role::user) && said_by(Role::system))) return std::nullopt;
  return first_excerpt(last_question(exchange.before));
}

Finding find_empty_answer(const Exchange& exchange) {
  if (!says_nothing(exchange.answer)) return std::nullopt;
  return first_excerpt(exchange.answer);
}

}  // namespace farpoint::clean
