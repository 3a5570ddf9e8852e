// SPDX-License-Identifier: Apache-2.0
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
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

/// The letters and digits of a text, case and width folded, and the hashes of its words. A character of a script
/// without spaces is a token of its own; two of them count as one word.
struct Folded {
  std::u32string letters;
  std::vector<std::uint64_t> tokens;
  double words = 0;
};

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

/// Reads until there are more than `most` tokens.
Folded fold(std::string_view utf8, std::size_t most) {
  Folded result;
  std::size_t word_begin = 0;
  const auto end_word = [&](double weight) {
    if (result.letters.size() == word_begin) return;
    const auto word = std::u32string_view(result.letters).substr(word_begin);
    result.tokens.push_back(hash64(std::as_bytes(std::span(word))));
    result.words += weight;
    word_begin = result.letters.size();
  };
  const char* bytes = utf8.data();
  const auto size = static_cast<std::ptrdiff_t>(utf8.size());
  for (std::ptrdiff_t at = 0; at < size && result.tokens.size() <= most;) {
    UChar32 c = 0;
    U8_NEXT_OR_FFFD(bytes, at, size, c);
    if (is_letter(c) && stands_alone(c)) {
      end_word(1);
      result.letters += folded(c);
      end_word(0.5);
    } else if (is_letter(c) ||
               (c >= 0x300 && u_charType(c) == U_NON_SPACING_MARK && result.letters.size() > word_begin)) {
      result.letters += folded(c);
    } else if (c != '\'' && c != 0x2019) {  // "it's" and "its" are the same once punctuation is gone
      end_word(1);
    }
  }
  end_word(1);
  return result;
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
  std::string_view shorter = last_question(exchange.before);
  std::string_view longer = exchange.answer;
  if (shorter.size() > longer.size()) std::swap(shorter, longer);

  const Folded a = fold(shorter, std::numeric_limits<std::size_t>::max());
  if (a.words < fewest_words) return std::nullopt;
  // Spaces may make the longer one longer, but no more words than these are of interest.
  const auto most = static_cast<std::size_t>(longest_ratio * static_cast<double>(a.tokens.size()));
  const Folded b = fold(longer, most);
  const auto fewest = static_cast<std::size_t>(static_cast<double>(a.tokens.size()) / longest_ratio);
  if (b.tokens.size() > most || b.tokens.size() < fewest) return std::nullopt;

  if (a.letters == b.letters) return first_excerpt(exchange.answer);
  if (similarity(a.tokens, b.tokens) < min_similarity || asks_for_repetition(exchange.before)) return std::nullopt;
  return first_excerpt(exchange.answer);
}

}  // namespace farpoint::clean
