// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "phone_number.hpp"
#include "surroundings.hpp"

namespace farpoint::clean {

namespace {

/// A calling code and how many digits its numbers have with it. `length` 0: there is no such code.
struct CallingCode {
  std::size_t length = 0;
  std::size_t fewest = 8;
  std::size_t most = 15;
};

bool is_pair_code(std::string_view pair) {
  static constexpr std::string_view pairs =
      "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 "
      "90 "
      "91 92 93 94 95 98";
  for (std::size_t i = 0; i < pairs.size(); i += 3) {
    if (pairs.substr(i, 2) == pair) return true;
  }
  return false;
}

/// The zones in which codes have three digits, by their first two (ITU Operational Bulletin, list of assigned codes).
bool is_triple_zone(std::string_view pair) {
  static constexpr std::string_view zones = "21 22 23 24 25 26 29 35 37 38 42 50 59 67 68 69 80 85 87 88 96 97 99";
  for (std::size_t i = 0; i < zones.size(); i += 3) {
    if (zones.substr(i, 2) == pair) return true;
  }
  return false;
}

/// Where the number of digits is fixed, or nearly so, the numbers that follow a phone number stay out of it.
CallingCode calling_code(std::string_view digits) {
  struct Lengths {
    std::string_view code;
    std::size_t fewest, most;
  };
  static constexpr std::array<Lengths, 22> known{{
      {"1", 11, 11},   {"7", 11, 11},   {"31", 11, 11}, {"32", 10, 11}, {"33", 11, 11}, {"34", 11, 11},
      {"39", 8, 13},   {"41", 11, 11},  {"44", 11, 12}, {"46", 9, 12},  {"47", 10, 10}, {"48", 11, 11},
      {"49", 8, 13},   {"55", 12, 13},  {"61", 11, 11}, {"65", 10, 10}, {"81", 11, 12}, {"82", 10, 12},
      {"852", 11, 11}, {"853", 11, 11}, {"86", 11, 13}, {"91", 12, 12},
  }};
  for (const Lengths& lengths : known) {
    if (digits.starts_with(lengths.code)) return {lengths.code.size(), lengths.fewest, lengths.most};
  }
  if (is_pair_code(digits.substr(0, 2))) return {2, 8, 15};
  if (digits.size() >= 3 && is_triple_zone(digits.substr(0, 2))) return {3, 8, 13};
  return {};
}

/// Groups of digits with one separator, or parentheses around a group, between them.
class GroupReader {
 public:
  GroupReader(std::string_view text, std::size_t at) : text_(text), at_(at) {}

  /// Reads a group, and the closing parenthesis behind it; false if there is none.
  bool next() {
    const bool first = groups_ == 0;
    std::size_t at = at_;
    bool open = false;
    if (!first) {
      if (is_separator(byte_at(text_, at))) ++at;
      open = byte_at(text_, at) == '(';
      if (open) ++at;
      if (at == at_ && !closed_) return false;
    }
    constexpr std::size_t longest = 16;
    const std::size_t length = digits_at(text_, at, longest);
    if (length == 0 || (open && byte_at(text_, at + length) != ')')) return false;
    closed_ = open || (first && byte_at(text_, at + length) == ')' && byte_at(text_, at_ - 2) == '(');
    // The trunk prefix "(0)" is not dialled from abroad.
    if (!(open && length == 1 && text_[at] == '0')) {
      digits_ += length;
      ++groups_;
      if (!first && length == 1) ++single_digits_;
    }
    at_ = at + length + (closed_ ? 1 : 0);
    return true;
  }

  std::size_t end() const { return at_; }
  std::size_t digits() const { return digits_; }
  std::size_t groups() const { return groups_; }
  std::size_t single_digits() const { return single_digits_; }
  bool closed() const { return closed_; }

 private:
  static bool is_separator(char c) { return c == ' ' || c == '-' || c == '.'; }

  std::string_view text_;
  std::size_t at_;
  std::size_t digits_ = 0;
  std::size_t groups_ = 0;
  std::size_t single_digits_ = 0;  ///< groups of one digit behind the first
  bool closed_ = false;            ///< a parenthesis stands before `at_`
};

bool is_round(std::string_view digits) {
  return digits.ends_with("000000");
}

/// Neither a sum ("a+1", "1 +1") nor an operator ("++1").
bool may_begin_plus(std::string_view text, std::size_t plus) {
  if (!is_free_before(text, plus)) return false;
  const char before = byte_at(text, plus - 1);
  if (before == ' ') return !is_digit(byte_at(text, plus - 2)) && byte_at(text, plus - 2) != '=';
  constexpr std::string_view operators = ")]}+-*/=^.%";
  return before == '\0' || operators.find(before) == operators.npos;
}

}  // namespace

std::optional<Span> find_international_phone(std::string_view text, Span run, std::size_t floor) {
  const std::size_t plus = run.begin - 1;
  if (plus < floor || text[run.begin] == '0') return {};
  const bool open = plus > floor && text[plus - 1] == '(' && byte_at(text, run.end) == ')';
  const std::size_t begin = open ? plus - 1 : plus;
  if (!may_begin_plus(text, begin)) return {};
  const CallingCode code = calling_code(text.substr(run.begin, run.size()));
  if (code.length == 0) return {};
  constexpr std::size_t fewest_at_once = 10;
  std::optional<std::size_t> end;
  for (GroupReader reader(text, run.begin); reader.next() && reader.digits() <= code.most;) {
    const std::size_t fewest = reader.groups() == 1 ? std::max(code.fewest, fewest_at_once) : code.fewest;
    if (reader.digits() < fewest || reader.single_digits() > 1 || !may_end_number(text, reader.end())) continue;
    if (reader.groups() == 1 && is_round(text.substr(run.begin, run.size()))) continue;
    end = reader.end();
  }
  if (!end) return {};
  return Span{begin, *end};
}

}  // namespace farpoint::clean
