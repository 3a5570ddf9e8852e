// SPDX-License-Identifier: Apache-2.0
#include <re2/re2.h>

#include <algorithm>
#include <string>

#include "exchange_checks.hpp"
#include "exchange_wording.hpp"

namespace farpoint::clean {

namespace {

/// Bytes. In a longer text a blank is one detail of many.
constexpr std::size_t longest_answer = 400;
/// From which share of the answer's bytes on, white space apart, blanks are its main part.
constexpr double main_share = 1.0 / 3;
/// The same for an answer that is nothing else.
constexpr double whole_share = 0.95;

const re2::RE2& blanks() {
  static const auto expression = compiled(
      // Bracketed: [insert the date here], <your name>, [Company Name], ____ is left to exercises
      std::string(
          R"([\[<(【〈（「]\s*(?:please |to be )?(?:insert|enter|add|type|fill|put|provide|specify|replace|your|)") +
      R"(name|company|date|placeholder|answer|response|text|content|output|summary|description|link|url|)" +
      R"(image|citation needed|tbd|todo|t\.b\.d|…|\.\.\.|请?(?:在此|此处)?(?:插入|填写|输入|填入|补充|添加)|你的|您的|)" +
      R"(姓名|公司|日期|待补充|待填写|占位)[^\]>)】〉）」\n]{0,60}[\]>)】〉）」]|)" +
      R"(lorem ipsum(?: dolor sit amet)?|\b(?:to be (?:added|determined|filled in|completed|announced)|)" +
      R"((?:insert|enter|add|write|type|put) (?:your |the |an? )?(?:[a-z]+ ){0,3}here|your (?:answer|text|)" +
      R"(response|content) here|placeholder(?: text)?)\b|)" +
      R"(待补充|待完善|待填写|待定|此处填写|此处插入|此处省略|在此处?(?:填写|插入|输入)|请(?:在此)?填写)");
  return *expression;
}

/// In capitals or not, as it matters: "TODO" is a blank, "todo" a word in Spanish; "XXX" is a Roman thirty.
const re2::RE2& short_marks() {
  static const re2::RE2 expression(R"(\b(?:TODO|TBD|TBA|FIXME|x{3,}|X{4,})\b|×{3,}|某{2,}|＿{3,})", re2::RE2::Quiet);
  return expression;
}

/// {{name}}, ${name}, {name}: what a template engine would have filled in.
const re2::RE2& template_variables() {
  static const re2::RE2 expression(R"(\{\{\s*[\pL_][\pL\pN_ .-]{0,40}\}\}|\$\{[\pL_][\pL\pN_.]{0,40}\})",
                                   re2::RE2::Quiet);
  return expression;
}

/// What each of the above has in it, and few answers: one quick pass tells whether to look closer.
const re2::RE2& traces() {
  static const auto expression =
      compiled(R"([\[<({【〈（「]\s*[\pL{.…]|\$\{|lorem|\bhere\b|to be |placeholder|todo|tb[da]|fixme|xxx|)"
               R"(×××|某某|＿＿|待|此处|请)");
  return *expression;
}

/// Bytes that the matches take; `first` is where the first begins.
std::size_t matched_bytes(std::string_view text, const re2::RE2& expression, std::size_t& first) {
  const re2::StringPiece input(text.data(), text.size());
  re2::StringPiece match;
  std::size_t bytes = 0;
  for (std::size_t at = 0; at < text.size() &&
                           expression.Match(input, at, text.size(), re2::RE2::UNANCHORED, &match, 1) &&
                           !match.empty();) {
    const auto begin = static_cast<std::size_t>(match.data() - text.data());
    first = std::min(first, begin);
    bytes += match.size();
    at = begin + match.size();
  }
  return bytes;
}

std::size_t visible_bytes(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::count_if(
                           text.begin(), text.end(), [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }));
}

/// Code uses such names, and a question with one in it may well get one back.
bool may_have_variables(const Exchange& exchange) {
  if (exchange.answer.find('`') != std::string_view::npos) return true;
  return std::any_of(exchange.before.begin(), exchange.before.end(), [](const corpus::Turn& turn) {
    return turn.text.find("{{") != std::string::npos || turn.text.find("${") != std::string::npos;
  });
}

}  // namespace

Finding find_placeholder(const Exchange& exchange) {
  const std::string_view answer = exchange.answer;
  if (answer.empty() || answer.size() > longest_answer) return std::nullopt;
  if (!re2::RE2::PartialMatch(re2::StringPiece(answer.data(), answer.size()), traces())) return std::nullopt;
  const auto visible = static_cast<double>(visible_bytes(answer));
  std::size_t first = answer.size();
  bool is_whole = false;
  if (matched_bytes(answer, template_variables(), first) == 0 || may_have_variables(exchange)) {
    first = answer.size();
    const std::size_t blank = matched_bytes(answer, blanks(), first) + matched_bytes(answer, short_marks(), first);
    if (static_cast<double>(blank) < main_share * visible) return std::nullopt;
    is_whole = static_cast<double>(blank) >= whole_share * visible;
  }
  // A template that was asked for has blanks in it, but is not one.
  if (!is_whole && asks_for_blanks(exchange.before)) return std::nullopt;
  return first_excerpt(answer.substr(first));
}

}  // namespace farpoint::clean
