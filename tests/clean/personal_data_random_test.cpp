// SPDX-License-Identifier: Apache-2.0
// Valid numbers, made with slow and obvious check digits, are planted in random texts: all are found, and none of those
// whose check digits are wrong.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "farpoint/clean/personal_data.hpp"

namespace farpoint::clean {
namespace {

std::string random_digits(std::size_t count) {
  std::string digits;
  for (std::size_t i = 0; i < count; ++i) digits += *rc::gen::inRange('0', static_cast<char>('9' + 1));
  return digits;
}

/// The sum of the digits of each second number doubled, written out.
bool luhn_holds(const std::string& card) {
  int sum = 0;
  for (std::size_t i = 0; i < card.size(); ++i) {
    const bool doubled = (card.size() - i) % 2 == 0;
    for (const char c : std::to_string((card[i] - '0') * (doubled ? 2 : 1))) sum += c - '0';
  }
  return sum % 10 == 0;
}

/// By the weights that GB 11643 lists.
char resident_check(const std::string& seventeen) {
  constexpr std::array weights{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) sum += weights[i] * (seventeen[i] - '0');
  return "10X98765432"[sum % 11];
}

/// Written as one long decimal number, and divided as at school.
bool mod_97_holds(const std::string& iban) {
  std::string number;
  for (const char c : iban.substr(4) + iban.substr(0, 4)) {
    number += c >= 'A' ? std::to_string(c - 'A' + 10) : std::string(1, c);
  }
  int rest = 0;
  for (const char c : number) rest = (rest * 10 + (c - '0')) % 97;
  return rest == 1;
}

std::string grouped(const std::string& text, const std::vector<std::size_t>& groups, char separator) {
  std::string out;
  std::size_t at = 0;
  for (std::size_t i = 0; at < text.size(); ++i) {
    const std::size_t size = groups[std::min(i, groups.size() - 1)];
    out += (out.empty() ? "" : std::string(1, separator)) + text.substr(at, size);
    at += size;
  }
  return out;
}

/// A number as it may be written, right and with other check digits.
struct Planted {
  std::string right;
  std::string wrong;
};

Planted any_card() {
  const auto [prefix, size] =
      *rc::gen::elementOf(std::vector<std::pair<std::string, std::size_t>>{{"4", 16},
                                                                           {"4", 13},
                                                                           {"4", 19},
                                                                           {"51", 16},
                                                                           {"55", 16},
                                                                           {"2221", 16},
                                                                           {"2720", 16},
                                                                           {"34", 15},
                                                                           {"37", 15},
                                                                           {"6011", 16},
                                                                           {"65", 16},
                                                                           {"3528", 16},
                                                                           {"3589", 16},
                                                                           {"62", 16},
                                                                           {"62", 19},
                                                                           {"36", 14},
                                                                           {"305", 14},
                                                                           {"81", 16}});
  std::string body = prefix + random_digits(size - prefix.size() - 1);
  if (prefix == "81") body[2] = '0';
  Planted card;
  const int off = *rc::gen::inRange(1, 10);
  for (char check = '0'; check <= '9'; ++check) {
    if (!luhn_holds(body + check)) continue;
    card = {body + check, body + static_cast<char>('0' + (check - '0' + off) % 10)};
  }
  const char separator = *rc::gen::element(' ', '-', '\0');
  if (separator == '\0' || size == 13) return card;
  const std::vector<std::size_t> groups = size == 15   ? std::vector<std::size_t>{4, 6, 5}
                                          : size == 14 ? std::vector<std::size_t>{4, 6, 4}
                                                       : std::vector<std::size_t>{4};
  return {grouped(card.right, groups, separator), grouped(card.wrong, groups, separator)};
}

Planted any_resident_id() {
  const auto region = *rc::gen::element<std::string>("11", "15", "21", "37", "44", "50", "54", "65", "71", "81");
  const auto two = [](int first, int last) {
    const int value = *rc::gen::inRange(first, last + 1);
    return std::string(value < 10 ? "0" : "") + std::to_string(value);
  };
  const std::string body = region + random_digits(4) + std::to_string(*rc::gen::inRange(1900, 2024)) + two(1, 12) +
                           two(1, 28) + random_digits(3);
  const char check = resident_check(body);
  const char wrong =
      *rc::gen::suchThat(rc::gen::elementOf(std::string("0123456789X")), [&](char c) { return c != check; });
  return {body + check, body + wrong};
}

Planted any_iban() {
  // Countries with few and many characters, with letters in the number and without.
  const auto [country, size, letters] =
      *rc::gen::elementOf(std::vector<std::tuple<std::string, std::size_t, std::size_t>>{
          {"NO", 15, 0}, {"DE", 22, 0}, {"GB", 22, 4}, {"FR", 27, 0}, {"MT", 31, 4}, {"NL", 18, 4}, {"LC", 32, 4}});
  std::string body;
  for (std::size_t i = 0; i < letters; ++i) body += *rc::gen::inRange('A', static_cast<char>('Z' + 1));
  body += random_digits(size - 4 - letters);
  Planted iban;
  for (int check = 2; check <= 98; ++check) {
    const std::string written = country + (check < 10 ? "0" : "") + std::to_string(check) + body;
    (mod_97_holds(written) ? iban.right : iban.wrong) = written;
  }
  if (*rc::gen::arbitrary<bool>()) return {grouped(iban.right, {4}, ' '), grouped(iban.wrong, {4}, ' ')};
  return iban;
}

Planted any_mobile() {
  const std::string number = "1" + std::string(1, *rc::gen::inRange('3', static_cast<char>('9' + 1))) +
                             random_digits(8) + *rc::gen::inRange('1', static_cast<char>('9' + 1));
  const auto prefix = *rc::gen::element<std::string>("", "+86 ", "+86", "0086", "0086-", "86-");
  const char separator = *rc::gen::element(' ', '-', '\0');
  const std::string written = separator == '\0' ? number : grouped(number, {3, 4}, separator);
  return {prefix + written, number.substr(0, 10)};
}

/// Texts around numbers, none of which touch a letter or digit.
std::string any_gap() {
  return *rc::gen::element<std::string>("，号码是", "。\n", " is my number, ", "; ", "（", "\" : \"", "和", "\t",
                                        "! Or (", "】");
}

void expect_all_found(PersonalData kind, std::string_view placeholder, Planted (*any)()) {
  const PersonalDataMask mask(std::array{kind});
  std::string text = any_gap();
  std::string expected = text;
  std::string wrong = text;
  const auto count = *rc::gen::inRange<std::uint64_t>(1, 6);
  for (std::uint64_t i = 0; i < count; ++i) {
    const Planted number = any();
    const std::string gap = any_gap();
    text += number.right + gap;
    wrong += number.wrong + gap;
    expected += std::string(placeholder) + gap;
  }

  std::string out;
  PersonalDataCounts counts{};
  RC_ASSERT(mask.apply(text, out, counts));
  RC_ASSERT(out == expected);
  RC_ASSERT(counts[static_cast<std::size_t>(kind)] == count);
  RC_ASSERT(!mask.apply(wrong, out, counts));
}

RC_GTEST_PROP(PersonalDataMask, finds_planted_cards, ()) {
  expect_all_found(PersonalData::card, "<CARD>", any_card);
}
RC_GTEST_PROP(PersonalDataMask, finds_planted_ids, ()) {
  expect_all_found(PersonalData::id, "<ID>", any_resident_id);
}
RC_GTEST_PROP(PersonalDataMask, finds_planted_ibans, ()) {
  expect_all_found(PersonalData::iban, "<IBAN>", any_iban);
}
RC_GTEST_PROP(PersonalDataMask, finds_planted_mobiles, ()) {
  expect_all_found(PersonalData::phone, "<PHONE>", any_mobile);
}

/// Whatever is masked, the text around it stays, byte for byte, and a second pass finds nothing that touches the first.
RC_GTEST_PROP(PersonalDataMask, changes_nothing_but_matches, ()) {
  constexpr std::array all{PersonalData::email, PersonalData::phone, PersonalData::ip,
                           PersonalData::id,    PersonalData::card,  PersonalData::iban};
  const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
      "1", "13812345678", "@", "a.b", ".com", ":", "::", "2001", "8.8.8.8", "-", " ", "(", ")", "+86", "4111", " 1111",
      "DE89", "中", "é", "\xff", "555-123-", "4567", "0086", "/", ",", "x", "[", "fe80"));
  std::string text;
  for (const std::string& piece : pieces) text += piece;
  std::string out;
  PersonalDataCounts counts{};
  if (!PersonalDataMask(all).apply(text, out, counts)) return;
  // The parts between placeholders occur in the text in this order.
  std::size_t at = 0;
  std::size_t in_text = 0;
  std::uint64_t placeholders = 0;
  while (at < out.size()) {
    const std::size_t open = std::min(out.find('<', at), out.size());
    const std::size_t found = text.find(out.substr(at, open - at), in_text);
    RC_ASSERT(found != std::string::npos);
    in_text = found + (open - at);
    if (open == out.size()) break;
    at = out.find('>', open) + 1;
    ++placeholders;
  }
  std::uint64_t counted = 0;
  for (const auto count : counts) counted += count;
  RC_ASSERT(placeholders == counted);
}

}  // namespace
}  // namespace farpoint::clean
