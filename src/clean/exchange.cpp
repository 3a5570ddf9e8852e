// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/exchange.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "exchange_checks.hpp"
#include "farpoint/text/characters.hpp"

namespace farpoint::clean {

namespace {

constexpr std::size_t excerpt_length = 80;

bool is_space(char byte) {
  return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

std::string one_line(std::string_view utf8) {
  std::string line;
  for (const char byte : utf8) {
    if (!is_space(byte)) {
      line += byte;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  if (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

/// The no-break and ideographic spaces, and the byte order mark.
constexpr std::array<std::string_view, 3> wide_spaces = {"\xc2\xa0", "\xe3\x80\x80", "\xef\xbb\xbf"};

std::size_t space_before(std::string_view utf8) {
  if (utf8.empty()) return 0;
  if (is_space(utf8.front())) return 1;
  for (const auto space : wide_spaces) {
    if (utf8.starts_with(space)) return space.size();
  }
  return 0;
}

std::size_t space_behind(std::string_view utf8) {
  if (utf8.empty()) return 0;
  if (is_space(utf8.back())) return 1;
  for (const auto space : wide_spaces) {
    if (utf8.ends_with(space)) return space.size();
  }
  return 0;
}

/// Length of "</s>" or "<|...|>" at the end of the text, else 0.
std::size_t end_mark(std::string_view utf8) {
  constexpr std::size_t longest_name = 32;
  if (utf8.ends_with("</s>")) return 4;
  if (!utf8.ends_with("|>")) return 0;
  const auto tail = utf8.substr(utf8.size() - std::min(utf8.size(), longest_name));
  const auto begin = tail.rfind("<|");
  // Two characters are shared in "<|>", which is no mark.
  return begin == std::string_view::npos || tail.size() - begin < 5 ? 0 : tail.size() - begin;
}

}  // namespace

std::string_view trimmed(std::string_view utf8) {
  while (const std::size_t space = space_before(utf8)) utf8.remove_prefix(space);
  while (const std::size_t space = space_behind(utf8)) utf8.remove_suffix(space);
  return utf8;
}

std::string_view without_end_marks(std::string_view utf8) {
  utf8 = trimmed(utf8);
  while (const std::size_t mark = end_mark(utf8)) {
    utf8.remove_suffix(mark);
    utf8 = trimmed(utf8);
  }
  return utf8;
}

std::string_view first_characters(std::string_view utf8, std::size_t count) {
  if (utf8.size() <= count) return utf8;
  std::size_t at = 0;
  for (; at < utf8.size(); ++at) {
    if (!text::begins_character(utf8[at])) continue;
    if (count == 0) break;
    --count;
  }
  return utf8.substr(0, at);
}

std::string first_excerpt(std::string_view utf8) {
  return one_line(first_characters(utf8, excerpt_length));
}

std::string last_excerpt(std::string_view utf8) {
  std::size_t at = utf8.size();
  for (std::size_t count = 0; at > 0 && count < excerpt_length;) {
    --at;
    if (text::begins_character(utf8[at])) ++count;
  }
  return one_line(utf8.substr(at));
}

std::string_view last_question(std::span<const corpus::Turn> turns) {
  const auto question = std::find_if(turns.rbegin(), turns.rend(),
                                     [](const corpus::Turn& turn) { return turn.role == corpus::Role::user; });
  return question == turns.rend() ? std::string_view() : std::string_view(question->text);
}

std::string_view exchange_fault_name(ExchangeFault fault) {
  constexpr std::array<std::string_view, 7> names = {"empty_prompt", "empty_answer", "refusal",   "repeats_question",
                                                     "truncated",    "placeholder",  "role_order"};
  return names[static_cast<std::size_t>(fault)];
}

std::optional<ExchangeVerdict> check_exchange(const corpus::Record& record, const ExchangeRules& rules) {
  const std::span<const corpus::Turn> turns = record.turns;
  const std::size_t place = corpus::answer_place(turns);
  if (place == turns.size()) return std::nullopt;
  const Exchange exchange{turns, turns.first(place), without_end_marks(turns[place].text)};
  const bool in_words = turns[place].role == corpus::Role::assistant;

  std::optional<ExchangeVerdict> verdict;
  const auto look = [&](bool wanted, ExchangeFault fault, auto&& find) {
    if (verdict || !wanted) return;
    if (Finding finding = find()) verdict = ExchangeVerdict{fault, *std::move(finding)};
  };
  using enum ExchangeFault;
  look(rules.empty_prompt, empty_prompt, [&] { return find_empty_prompt(exchange); });
  look(rules.empty_answer && in_words, empty_answer, [&] { return find_empty_answer(exchange); });
  look(rules.refusal && in_words, refusal, [&] { return find_refusal(exchange); });
  look(rules.repeats_question && in_words, repeats_question,
       [&] { return find_repeated_question(exchange, rules.min_repeat_similarity); });
  look(rules.truncated && in_words, truncated, [&] { return find_truncation(exchange); });
  look(rules.placeholder && in_words, placeholder, [&] { return find_placeholder(exchange); });
  look(rules.role_order, role_order, [&] { return find_role_disorder(exchange); });
  return verdict;
}

}  // namespace farpoint::clean
