// SPDX-License-Identifier: Apache-2.0
#include "phone_number.hpp"

#include <algorithm>

#include "surroundings.hpp"

namespace farpoint::clean {

namespace {

constexpr std::string_view blank_or_dash = " -";
constexpr std::string_view wide_open = "（";
constexpr std::string_view wide_close = "）";

/// The bytes of an opening parenthesis before `at`, and of a closing one at `at`; 0 if there is none.
std::size_t open_before(std::string_view text, std::size_t at) {
  if (byte_at(text, at - 1) == '(') return 1;
  return text.substr(0, at).ends_with(wide_open) ? wide_open.size() : 0;
}
std::size_t close_at(std::string_view text, std::size_t at) {
  if (byte_at(text, at) == ')') return 1;
  return text.substr(std::min(at, text.size()), wide_close.size()) == wide_close ? wide_close.size() : 0;
}

/// Plan of the Chinese ministry of industry: 1, then 3 to 9, 11 digits, at once or as 3-4-4. Round numbers are amounts.
std::optional<std::size_t> mobile_end(std::string_view text, std::size_t at) {
  if (byte_at(text, at) != '1' || byte_at(text, at + 1) < '3' || byte_at(text, at + 1) > '9') return {};
  if (digits_at(text, at, 12) != 11) return grouped_digits(text, at, {3, 4, 4}, blank_or_dash);
  const std::size_t end = at + 11;
  if (text.substr(at, 11).ends_with("000000") || is_before_unit(text, end)) return {};
  return end;
}

std::optional<Span> chinese_mobile(std::string_view text, Span run) {
  const std::string_view digits = text.substr(run.begin, std::min<std::size_t>(run.size(), 16));
  constexpr std::string_view abroad = "0086";
  std::size_t at = run.begin;
  if (digits.starts_with(abroad)) {
    at += abroad.size();
    if (blank_or_dash.find(byte_at(text, at)) != blank_or_dash.npos) ++at;
  } else if (digits == "86") {
    if (blank_or_dash.find(byte_at(text, run.end)) == blank_or_dash.npos) return {};
    at = run.end + 1;
  }
  const auto end = mobile_end(text, at);
  if (!end) return {};
  return Span{run.begin, *end};
}

/// Area codes 010, 02x and 03xx to 09xx. The number has 7 or 8 digits, in one or two groups; behind it an extension.
std::optional<Span> chinese_land_line(std::string_view text, Span run, std::size_t floor) {
  if (text[run.begin] != '0' || run.size() < 3 || run.size() > 4) return {};
  const char second = text[run.begin + 1];
  const bool area = run.size() == 3 ? second == '2' || (second == '1' && text[run.begin + 2] == '0') : second >= '3';
  if (!area) return {};
  Span found = run;
  std::size_t at = run.end;
  const std::size_t open = open_before(text, run.begin);
  const std::size_t close = close_at(text, run.end);
  if (open != 0 && close != 0 && run.begin - open >= floor) {
    found.begin -= open;
    at += close;
    if (blank_or_dash.find(byte_at(text, at)) != blank_or_dash.npos) ++at;
  } else if (byte_at(text, at++) != '-') {
    return {};
  }
  if (byte_at(text, at) < '2' || byte_at(text, at) > '9') return {};
  const std::size_t digits = digits_at(text, at, 9);
  const auto split = grouped_digits(text, at, {4, 4}, blank_or_dash);
  if (digits == 8 || (digits == 7 && run.size() == 4)) {
    found.end = at + digits;
  } else if (split) {
    found.end = *split;
  } else {
    return {};
  }
  if (byte_at(text, found.end) == '-') {
    const std::size_t extension = digits_at(text, found.end + 1, 6);
    if (extension >= 1 && extension <= 5) found.end += 1 + extension;
  }
  return found;
}

/// `(###) ###-####` at the parenthesis, `###-###-####` or `###.###.####` at `at`: the end.
std::optional<std::size_t> north_american_end(std::string_view text, std::size_t at) {
  if (byte_at(text, at) == '(') {
    if (digits_at(text, at + 1, 4) != 3 || text[at + 1] == '0' || byte_at(text, at + 4) != ')') return {};
    at += 5;
    if (blank_or_dash.find(byte_at(text, at)) != blank_or_dash.npos) ++at;
    return grouped_digits(text, at, {3, 4}, "- .");
  }
  if (byte_at(text, at) == '0') return {};
  if (const auto end = grouped_digits(text, at, {3, 3, 4}, "-")) return end;
  const auto end = grouped_digits(text, at, {3, 3, 4}, ".");
  // Numbers with dots are many things: here area and exchange must be possible ones.
  if (!end || text[at] < '2' || text[at + 4] < '2') return {};
  return end;
}

std::optional<Span> north_american(std::string_view text, Span run, std::size_t floor) {
  Span found = run;
  std::size_t at = run.begin;
  if (run.size() == 1 && text[run.begin] == '1') {
    constexpr std::string_view separators = " -.";
    at = run.end;
    if (separators.find(byte_at(text, at)) != separators.npos) ++at;
    if (at == run.end && byte_at(text, at) != '(') return {};
  } else if (run.size() == 3 && byte_at(text, run.end) == ')' && byte_at(text, run.begin - 1) == '(' &&
             run.begin > floor) {
    at = --found.begin;
  } else if (run.size() != 3) {
    return {};
  }
  const auto end = north_american_end(text, at);
  if (!end) return {};
  found.end = *end;
  if ((byte_at(text, found.end) | 0x20) == 'x') {
    const std::size_t extension = digits_at(text, found.end + 1, 6);
    if (extension >= 1 && extension <= 5) found.end += 1 + extension;
  }
  return found;
}

}  // namespace

std::optional<Span> find_phone(std::string_view text, Span run, std::size_t floor) {
  if (run.begin > 0 && text[run.begin - 1] == '+') return find_international_phone(text, run, floor);
  auto found = chinese_mobile(text, run);
  if (!found) found = chinese_land_line(text, run, floor);
  if (!found) found = north_american(text, run, floor);
  if (!found || !may_begin_number(text, found->begin, floor) || !may_end_number(text, found->end)) return {};
  if (is_in_url(text, found->begin)) return {};
  return found;
}

}  // namespace farpoint::clean
