// SPDX-License-Identifier: Apache-2.0
#include "resident_number.hpp"

#include <array>

#include "surroundings.hpp"

namespace farpoint::clean {

namespace {

constexpr std::size_t chinese_length = 18;
constexpr std::size_t chinese_digits = chinese_length - 1;

unsigned number(std::string_view digits) {
  unsigned value = 0;
  for (const char c : digits) value = value * 10 + static_cast<unsigned>(c - '0');
  return value;
}

/// Provinces by GB/T 2260, with Taiwan (71, residents 83), Hong Kong (81) and Macao (82).
bool is_region(unsigned province) {
  static constexpr std::array<unsigned, 8> last_of_ten{0, 15, 23, 37, 46, 54, 65, 71};
  if (province == 50 || (province >= 81 && province <= 83)) return true;
  return province % 10 != 0 && province < 80 && province <= last_of_ten[province / 10];
}

bool is_date(unsigned year, unsigned month, unsigned day) {
  static constexpr std::array<unsigned, 12> days{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < 1900 || year > 2099 || month < 1 || month > 12 || day < 1 || day > days[month - 1]) return false;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month != 2 || day < 29 || leap;
}

/// ISO 7064 MOD 11-2 over the first 17 digits.
char check_character(std::string_view digits) {
  unsigned remainder = 0;
  for (const char c : digits) remainder = (remainder + static_cast<unsigned>(c - '0')) * 2 % 11;
  return "10X98765432"[remainder];
}

bool is_chinese_id(std::string_view id) {
  const std::string_view digits = id.substr(0, chinese_digits);
  const char check = id.back() == 'x' ? 'X' : id.back();
  return is_region(number(digits.substr(0, 2))) &&
         is_date(number(digits.substr(6, 4)), number(digits.substr(10, 2)), number(digits.substr(12, 2))) &&
         check_character(digits) == check;
}

/// Issued are neither 000, 666 and 900 to 999, nor 00, nor 0000 (Social Security Administration, since 2011).
bool is_social_security_number(std::string_view number) {
  const std::string_view area = number.substr(0, 3);
  return area != "000" && area != "666" && area[0] != '9' && number.substr(4, 2) != "00" && number.substr(7) != "0000";
}

}  // namespace

std::optional<Span> find_resident_number(std::string_view text, Span run, std::size_t floor) {
  Span found = run;
  if (run.size() == chinese_digits && (byte_at(text, run.end) | 0x20) == 'x') ++found.end;
  if (found.size() == chinese_length) {
    if (!is_chinese_id(text.substr(found.begin, chinese_length))) return {};
  } else {
    const auto end = run.size() == 3 ? grouped_digits(text, run.begin, {3, 2, 4}, "-") : std::nullopt;
    if (!end || !is_social_security_number(text.substr(run.begin, *end - run.begin))) return {};
    found.end = *end;
  }
  if (!may_begin_number(text, found.begin, floor) || !may_end_number(text, found.end)) return {};
  return found;
}

}  // namespace farpoint::clean
