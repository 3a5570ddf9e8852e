// SPDX-License-Identifier: Apache-2.0
#include "bank_numbers.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "surroundings.hpp"

namespace farpoint::clean {

namespace {

constexpr std::size_t shortest_card = 13;
constexpr std::size_t longest_card = 19;

/// Issuer identification numbers: their first six digits, and the lengths of their cards.
struct IssuerRange {
  std::uint32_t first, last;
  std::size_t shortest, longest;
};

constexpr std::array<IssuerRange, 15> issuers{{
    {222100, 272099, 16, 16},  // Mastercard
    {300000, 305999, 14, 19},  // Diners Club
    {309500, 309599, 16, 19},
    {340000, 349999, 15, 15},  // American Express
    {352800, 358999, 16, 19},  // JCB
    {360000, 369999, 14, 19},  // Diners Club
    {370000, 379999, 15, 15},  // American Express
    {380000, 399999, 16, 19},  // Diners Club
    {400000, 499999, 13, 19},  // Visa: 13, 16 and 19
    {510000, 559999, 16, 16},  // Mastercard
    {601100, 601199, 16, 19},  // Discover
    {620000, 629999, 16, 19},  // UnionPay
    {644000, 649999, 16, 19},  // Discover
    {650000, 659999, 16, 19},
    {810000, 817199, 16, 19},  // UnionPay
}};

bool is_issued(std::string_view digits) {
  std::uint32_t prefix = 0;
  for (const char c : digits.substr(0, 6)) prefix = prefix * 10 + static_cast<std::uint32_t>(c - '0');
  if (digits.front() == '4' && digits.size() % 3 != 1) return false;
  return std::ranges::any_of(issuers, [&](const IssuerRange& range) {
    return prefix >= range.first && prefix <= range.last && digits.size() >= range.shortest &&
           digits.size() <= range.longest;
  });
}

/// Luhn's check, ISO/IEC 7812-1 annex B.
bool has_luhn_check(std::string_view digits) {
  unsigned sum = 0;
  bool twice = false;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, twice = !twice) {
    const auto value = static_cast<unsigned>(*digit - '0') * (twice ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 == 0;
}

/// The end of the longest row of groups that card numbers are written in.
std::optional<std::size_t> card_end(std::string_view text, Span run) {
  if (run.size() >= shortest_card && run.size() <= longest_card) return run.end;
  constexpr std::string_view separators = " -";
  if (run.size() == 6) return grouped_digits(text, run.begin, {6, 13}, separators);
  if (run.size() != 4) return {};
  for (const auto& groups : {std::initializer_list<std::size_t>{4, 4, 4, 4, 3}, {4, 4, 4, 4}, {4, 6, 5}, {4, 6, 4}}) {
    if (const auto end = grouped_digits(text, run.begin, groups, separators)) return end;
  }
  return {};
}

/// Whether groups with blanks between them have more groups before or behind them: a table of numbers.
bool is_within_row(std::string_view text, std::size_t begin, std::size_t end) {
  if (text.substr(begin, end - begin).find(' ') == text.npos) return false;
  if (byte_at(text, begin - 1) == ' ' && is_digit(byte_at(text, begin - 2))) return true;
  return byte_at(text, end) == ' ' && digits_at(text, end + 1, 5) == 4;
}

/// Lengths by country, from the IBAN registry of SWIFT.
struct Country {
  std::string_view code;
  std::size_t length;
};

constexpr std::array<Country, 88> countries{{
    {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22}, {"BH", 22},
    {"BI", 27}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24}, {"DE", 22}, {"DJ", 27},
    {"DK", 18}, {"DO", 28}, {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18}, {"FK", 18}, {"FO", 18}, {"FR", 27},
    {"GB", 22}, {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27}, {"GT", 28}, {"HN", 28}, {"HR", 21}, {"HU", 28},
    {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26}, {"IT", 27}, {"JO", 30}, {"KW", 30}, {"KZ", 20}, {"LB", 28},
    {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20}, {"LV", 21}, {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22},
    {"MK", 19}, {"MN", 20}, {"MR", 27}, {"MT", 31}, {"MU", 30}, {"NI", 28}, {"NL", 18}, {"NO", 15}, {"OM", 23},
    {"PK", 24}, {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22}, {"RU", 33}, {"SA", 24},
    {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"SO", 23}, {"ST", 25}, {"SV", 28},
    {"TL", 23}, {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20},
}};

std::size_t iban_length(std::string_view code) {
  const auto country = std::ranges::lower_bound(countries, code, {}, &Country::code);
  return country != countries.end() && country->code == code ? country->length : 0;
}

/// ISO 7064 MOD 97-10 of the number that ISO 13616 makes of it: the first four characters last, letters from A = 10.
bool has_mod_97_check(const std::string& iban) {
  unsigned remainder = 0;
  for (std::size_t i = 0; i < iban.size(); ++i) {
    const char c = iban[(i + 4) % iban.size()];
    remainder = is_digit(c) ? remainder * 10 + static_cast<unsigned>(c - '0')
                            : remainder * 100 + static_cast<unsigned>(c - 'A') + 10;
    remainder %= 97;
  }
  return remainder == 1;
}

/// The next `length` characters, in groups of four with blanks between them or none; their end, or nothing.
std::optional<std::size_t> read_iban(std::string_view text, std::size_t at, std::size_t length, std::string& iban) {
  const bool grouped = byte_at(text, at + 4) == ' ';
  while (iban.size() < length) {
    if (grouped && !iban.empty() && iban.size() % 4 == 0 && byte_at(text, at++) != ' ') return {};
    const char c = byte_at(text, at++);
    if (!is_digit(c) && !is_upper(c)) return {};
    iban += c;
  }
  return at;
}

}  // namespace

std::optional<Span> find_card(std::string_view text, Span run, std::size_t floor) {
  const auto end = card_end(text, run);
  if (!end) return {};
  std::string digits(text.substr(run.begin, *end - run.begin));
  std::erase_if(digits, [](char c) { return !is_digit(c); });
  if (!is_issued(digits) || !has_luhn_check(digits)) return {};
  if (!may_begin_number(text, run.begin, floor) || !may_end_number(text, *end)) return {};
  if (is_within_row(text, run.begin, *end) || is_in_url(text, run.begin)) return {};
  return Span{run.begin, *end};
}

std::optional<Span> find_iban(std::string_view text, Span run, std::size_t floor) {
  if (run.begin < floor + 2) return {};
  const std::size_t begin = run.begin - 2;
  const std::size_t length = iban_length(text.substr(begin, 2));
  if (length == 0) return {};
  std::string iban;
  const auto end = read_iban(text, begin, length, iban);
  if (!end || !has_mod_97_check(iban) || !is_free_before(text, begin) || !is_free_behind(text, *end)) return {};
  return Span{begin, *end};
}

}  // namespace farpoint::clean
