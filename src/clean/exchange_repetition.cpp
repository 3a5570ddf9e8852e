// SPDX-License-Identifier: Apache-2.0
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "exchange_checks.hpp"
#include "exchange_wording.hpp"
#include "farpoint/base/hash.hpp"

namespace farpoint::clean {

namespace {

/// Answers to shorter questions may well repeat them: "Nice to meet you!" - "Nice to meet you!"
constexpr double fewest_words = 5;
/// Nearly the same text is nearly as long.
constexpr double longest_ratio = 1.1;

char32_t folded(UChar32 c) {
  if (c < 0x80) return static_cast<char32_t>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  constexpr UChar32 first_wide = 0xff01, last_wide = 0xff5e, wide_offset = 0xfee0;
  if (c >= first_wide && c <= last_wide) c -= wide_offset;
  return static_cast<char32_t>(u_foldCase(c, U_FOLD_CASE_DEFAULT));
}

bool is_letter(UChar32 c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return u_isalnum(c) != 0;
}

bool stands_alone(UChar32 c) {
  return c >= 0x2e80 && (u_hasBinaryProperty(c, UCHAR_IDEOGRAPHIC) || (c >= 0x3040 && c <= 0x30ff));
}

/// Reads the letters and digits of a text one by one, case and width folded.
class LetterReader {
 public:
  explicit LetterReader(std::string_view utf8) : bytes_(utf8.data()), size_(static_cast<std::ptrdiff_t>(utf8.size())) {}

  /// 0 at the end.
  char32_t next() {
    while (at_ < size_) {
      UChar32 c = 0;
      U8_NEXT_OR_FFFD(bytes_, at_, size_, c);
      if (is_letter(c)) return folded(c);
    }
    return 0;
  }

 private:
  const char* bytes_;
  std::ptrdiff_t size_;
  std::ptrdiff_t at_ = 0;
};

/// Mostly decided by the first letters.
bool same_letters(std::string_view a, std::string_view b) {
  LetterReader a_reader(a);
  LetterReader b_reader(b);
  while (true) {
    const char32_t letter = a_reader.next();
    if (letter != b_reader.next()) return false;
    if (letter == 0) return true;
  }
}

/// The hashes of a text's words. A character of a script without spaces is a token of its own; two of them count as one
/// word.
struct Tokens {
  std::vector<std::uint64_t> hashes;
  double words = 0;
};

Tokens tokens_of(std::string_view utf8) {
  Tokens tokens;
  std::u32string word;
  const auto end_word = [&](double weight) {
    if (word.empty()) return;
    tokens.hashes.push_back(hash64(std::as_bytes(std::span(word))));
    tokens.words += weight;
    word.clear();
  };
  const char* bytes = utf8.data();
  const auto size = static_cast<std::ptrdiff_t>(utf8.size());
  for (std::ptrdiff_t at = 0; at < size;) {
    UChar32 c = 0;
    U8_NEXT_OR_FFFD(bytes, at, size, c);
    if (is_letter(c) && stands_alone(c)) {
      end_word(1);
      word += folded(c);
      end_word(0.5);
    } else if (is_letter(c)) {
      word += folded(c);
    } else {
      end_word(1);
    }
  }
  end_word(1);
  return tokens;
}

bool are_about_as_long(std::string_view a, std::string_view b) {
  const auto [shorter, longer] = std::minmax({a.size(), b.size()});
  return static_cast<double>(longer) <= longest_ratio * static_cast<double>(shorter);
}

/// Jaccard similarity of the sets of tokens.
double similarity(std::vector<std::uint64_t> a, std::vector<std::uint64_t> b) {
  for (auto* tokens : {&a, &b}) {
    std::sort(tokens->begin(), tokens->end());
    tokens->erase(std::unique(tokens->begin(), tokens->end()), tokens->end());
  }
  std::vector<std::uint64_t> common;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(common));
  const std::size_t all = a.size() + b.size() - common.size();
  return all == 0 ? 0 : static_cast<double>(common.size()) / static_cast<double>(all);
}

}  // namespace

Finding find_repeated_question(const Exchange& exchange, double min_similarity) {
  const std::string_view question = trimmed(last_question(exchange.before));
  const bool same = same_letters(question, exchange.answer);
  if (!same && !are_about_as_long(question, exchange.answer)) return std::nullopt;

  Tokens tokens = tokens_of(question);
  if (tokens.words < fewest_words) return std::nullopt;
  if (!same && (similarity(std::move(tokens.hashes), tokens_of(exchange.answer).hashes) < min_similarity ||
                asks_for_repetition(exchange.before))) {
    return std::nullopt;
  }
  return first_excerpt(exchange.answer);
}

}  // namespace farpoint::clean
