// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace farpoint::model_files {

/// Makes damaged files out of good ones, the same ones for the same seed. Most changes keep the JSON readable, so that
/// they reach what lies behind the parser.
class Mutator {
 public:
  /// `header_at`: where the JSON begins, behind a length that is mended after most changes; 0 for plain JSON.
  Mutator(std::vector<std::string> seeds, std::size_t header_at) : seeds_(std::move(seeds)), header_at_(header_at) {}

  /// The next damaged file.
  std::string next() {
    std::string text = pick(seeds_);
    std::size_t json_end = header_at_ == 0 ? text.size() : header_at_ + stored_length(text);
    for (int changes = 1 + below(3); changes > 0; --changes) change(text, json_end);
    if (header_at_ != 0 && text.size() >= header_at_ && below(8) != 0) {
      store_length(text, std::min(json_end, text.size()) - header_at_);
    }
    return text;
  }

 private:
  int below(std::size_t bound) { return static_cast<int>(random_() % std::max<std::size_t>(bound, 1)); }
  std::size_t position(std::size_t end) { return random_() % std::max<std::size_t>(end, 1); }
  template <typename List>
  const List::value_type& pick(const List& list) {
    return list[position(list.size())];
  }

  void change(std::string& text, std::size_t& json_end) {
    if (text.size() <= header_at_) return;
    json_end = std::clamp(json_end, header_at_, text.size());
    switch (below(9)) {
      case 0:
        text[position(text.size())] ^= static_cast<char>(1 << below(8));
        break;
      case 1:
        text.resize(position(text.size()));
        break;
      case 2:
      case 3:
      case 4:
        change_number(text, json_end);
        break;
      case 5:
        replace(text, json_end, json_place(json_end), 0, pick(tokens_));
        break;
      case 6:
        splice(text, json_end);
        break;
      case 7:
        nest(text, json_end);
        break;
      default:
        replace_value(text, json_end);
    }
  }

  std::size_t json_place(std::size_t json_end) { return header_at_ + position(json_end - header_at_ + 1); }

  static void replace(std::string& text, std::size_t& json_end, std::size_t at, std::size_t count,
                      const std::string& with) {
    text.replace(at, count, with);
    json_end += with.size() - count;
  }

  /// Of the runs of digits in the JSON one gets another value.
  void change_number(std::string& text, std::size_t& json_end) {
    const std::size_t at = text.find_first_of("0123456789", json_place(json_end));
    if (at >= json_end) return;
    const std::size_t end = std::min(text.find_first_not_of("0123456789", at), json_end);
    replace(text, json_end, at, end - at, below(2) == 0 ? pick(numbers_) : near(text.substr(at, end - at)));
  }

  std::string near(const std::string& digits) {
    const std::uint64_t value = digits.size() < 19 ? std::stoull(digits) : 0;
    const std::array<std::uint64_t, 6> others = {value + 1, value - 1, value * 2, value / 2, value + 8, value * 3};
    return std::to_string(pick(others));
  }

  /// A piece of the JSON, from quote to quote, comes to another place or goes.
  void splice(std::string& text, std::size_t& json_end) {
    const std::size_t from = text.find('"', json_place(json_end));
    if (from >= json_end) return;
    const std::size_t count = std::min(json_end - from, position(80) + 1);
    const std::string piece = text.substr(from, count);
    if (below(3) == 0) {
      replace(text, json_end, from, count, "");
    } else {
      const std::size_t to = std::min(text.find('"', json_place(json_end)), json_end);
      replace(text, json_end, to, 0, piece);
    }
  }

  void nest(std::string& text, std::size_t& json_end) {
    const std::size_t levels = pick(std::array<std::size_t, 4>{1, 3, 70, 5'000});
    const char* open = below(2) == 0 ? "[" : "{\"a\":";
    std::string nested;
    for (std::size_t i = 0; i < levels; ++i) nested += open;
    const std::size_t at = text.find(':', json_place(json_end));
    if (at < json_end) replace(text, json_end, at + 1, 0, nested);
  }

  void replace_value(std::string& text, std::size_t& json_end) {
    const std::size_t at = text.find(':', json_place(json_end));
    if (at >= json_end) return;
    const std::size_t end = std::min(text.find_first_of(",}", at), json_end);
    replace(text, json_end, at + 1, end - at - 1, pick(tokens_));
  }

  static std::uint64_t stored_length(const std::string& text) {
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < 8; ++i) length |= std::uint64_t{static_cast<unsigned char>(text[i])} << (8 * i);
    return length;
  }

  static void store_length(std::string& text, std::uint64_t length) {
    for (std::size_t i = 0; i < 8; ++i) text[i] = static_cast<char>(length >> (8 * i));
  }

  std::vector<std::string> seeds_;
  std::size_t header_at_;
  std::mt19937_64 random_{20'260'401};
  std::vector<std::string> numbers_ = {"0",
                                       "1",
                                       "2",
                                       "-1",
                                       "-0",
                                       "3",
                                       "7",
                                       "127",
                                       "255",
                                       "256",
                                       "65536",
                                       "1e3",
                                       "1e999",
                                       "0.5",
                                       "-1e-400",
                                       "2147483647",
                                       "2147483648",
                                       "4294967296",
                                       "4611686018427387904",
                                       "9223372036854775807",
                                       "9223372036854775808",
                                       "18446744073709551615",
                                       "18446744073709551616",
                                       "99999999999999999999999999999999",
                                       "1e308"};
  std::vector<std::string> tokens_ = {"null",
                                      "true",
                                      "false",
                                      "{}",
                                      "[]",
                                      "\"\"",
                                      "\"x\"",
                                      "[0]",
                                      "[0,0]",
                                      "[-1]",
                                      "{\"0\":1}",
                                      "\"\\u0000\"",
                                      "\"\\ud800\"",
                                      "\xff",
                                      "\"F64\"",
                                      "\"F8_E4M3\"",
                                      "NaN",
                                      "Infinity",
                                      "1",
                                      "0",
                                      ",",
                                      ":",
                                      "{",
                                      "}",
                                      "[",
                                      "]",
                                      "\"",
                                      "{\"rope_type\":\"yarn\",\"factor\":2}",
                                      "\"sliding_attention\"",
                                      "\"..\""};
};

}  // namespace farpoint::model_files
