// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/personal_data.hpp"

#include <algorithm>
#include <optional>

#include "bank_numbers.hpp"
#include "email_address.hpp"
#include "ip_address.hpp"
#include "personal_match.hpp"
#include "phone_number.hpp"
#include "resident_number.hpp"

namespace farpoint::clean {

namespace {

constexpr std::array<std::string_view, 6> placeholders{"<EMAIL>", "<PHONE>", "<IP>", "<ID>", "<CARD>", "<IBAN>"};

struct Match {
  Span span;
  PersonalData kind = PersonalData::email;
};

/// Digits, the colon, which follows 9 in ASCII, and @: no personal data is without one.
constexpr bool is_trigger(char c) {
  return static_cast<unsigned char>(c - '0') <= 10 || c == '@';
}

/// The first trigger from `at` on, or the end.
std::size_t next_trigger(std::string_view text, std::size_t at) {
  constexpr std::size_t block = 64;
  while (text.size() - at >= block) {
    unsigned char any = 0;
    for (std::size_t i = 0; i < block; ++i)
      any |= is_trigger(text[at + i]) ? 1 : 0;  // the compiler makes vectors of it
    if (any != 0) break;
    at += block;
  }
  while (at < text.size() && !is_trigger(text[at])) ++at;
  return at;
}

/// Yields the matches of a text from left to right; they do not overlap.
class Sweep {
 public:
  Sweep(std::string_view text, unsigned kinds) : text_(text), kinds_(kinds) {}

  std::optional<Match> next() {
    while ((at_ = next_trigger(text_, at_)) < text_.size()) {
      auto match = match_at_trigger();
      if (!match) continue;
      at_ = floor_ = match->span.end;
      return match;
    }
    return {};
  }

 private:
  bool wanted(PersonalData kind) const { return (kinds_ >> static_cast<unsigned>(kind) & 1U) != 0; }

  /// Moves `at_` behind the trigger, or the digits that begin with it.
  std::optional<Match> match_at_trigger() {
    const std::size_t begin = at_++;
    std::optional<Match> best;
    if (text_[begin] == '@') {
      if (wanted(PersonalData::email)) offer(best, PersonalData::email, find_email(text_, begin, floor_));
    } else if (text_[begin] == ':') {
      if (wanted(PersonalData::ip)) offer(best, PersonalData::ip, ipv6_.find(text_, begin, floor_));
    } else {
      while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
      best = match_at_number({begin, at_});
    }
    return best;
  }

  /// Kinds are offered in the order in which they win when they are equally long.
  std::optional<Match> match_at_number(Span run) {
    std::optional<Match> best;
    if (wanted(PersonalData::iban) && is_upper(byte_at(text_, run.begin - 1))) {
      offer(best, PersonalData::iban, find_iban(text_, run, floor_));
    }
    if (wanted(PersonalData::card)) offer(best, PersonalData::card, find_card(text_, run, floor_));
    if (wanted(PersonalData::id)) offer(best, PersonalData::id, find_resident_number(text_, run, floor_));
    if (wanted(PersonalData::ip) && byte_at(text_, run.end) == '.') {
      offer(best, PersonalData::ip, find_ipv4(text_, run.begin));
    }
    if (wanted(PersonalData::phone)) offer(best, PersonalData::phone, find_phone(text_, run, floor_));
    if (best && wanted(PersonalData::email)) {
      offer(best, PersonalData::email, find_email_of_number(text_, best->span, floor_));
    }
    return best;
  }

  static void offer(std::optional<Match>& best, PersonalData kind, std::optional<Span> span) {
    if (span && (!best || span->size() > best->span.size())) best = Match{*span, kind};
  }

  std::string_view text_;
  unsigned kinds_;
  std::size_t at_ = 0;
  std::size_t floor_ = 0;
  Ipv6Finder ipv6_;
};

}  // namespace

PersonalDataMask::PersonalDataMask(std::span<const PersonalData> kinds) {
  for (const PersonalData kind : kinds) kinds_ |= 1U << static_cast<unsigned>(kind);
}

bool PersonalDataMask::apply(std::string_view utf8, std::string& out, PersonalDataCounts& counts) const {
  Sweep sweep(utf8, kinds_);
  auto match = sweep.next();
  if (!match) return false;
  out.clear();
  out.reserve(utf8.size());
  std::size_t copied = 0;
  for (; match; match = sweep.next()) {
    const auto kind = static_cast<std::size_t>(match->kind);
    out.append(utf8, copied, match->span.begin - copied);
    out.append(placeholders[kind]);
    ++counts[kind];
    copied = match->span.end;
  }
  out.append(utf8, copied);
  return true;
}

}  // namespace farpoint::clean
