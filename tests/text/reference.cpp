// SPDX-License-Identifier: Apache-2.0
#include "reference.hpp"

#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "farpoint/base/random.hpp"

namespace farpoint::text::reference {

namespace {

char32_t narrowed(char32_t c) {
  return c >= U'！' && c <= U'～' ? c - U'！' + U'!' : c;
}

bool is_word_part(char32_t c) {
  switch (u_charType(static_cast<UChar32>(c))) {
    case U_UPPERCASE_LETTER:
    case U_LOWERCASE_LETTER:
    case U_TITLECASE_LETTER:
    case U_MODIFIER_LETTER:
    case U_OTHER_LETTER:
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
    case U_COMBINING_SPACING_MARK:
    case U_DECIMAL_DIGIT_NUMBER:
    case U_LETTER_NUMBER:
      return true;
    default:
      return false;
  }
}

bool is_pictograph(char32_t c) {
  return c != U'\uFFFD' && u_charType(static_cast<UChar32>(c)) == U_OTHER_SYMBOL;
}

bool stands_alone(char32_t c) {
  const auto code_point = static_cast<UChar32>(c);
  return is_pictograph(c) || uscript_hasScript(code_point, USCRIPT_HAN) ||
         uscript_hasScript(code_point, USCRIPT_HIRAGANA) || uscript_hasScript(code_point, USCRIPT_KATAKANA) ||
         u_getIntPropertyValue(code_point, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT;
}

std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdULL;
  return (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53ULL;
}

std::uint64_t token_hash(const std::u32string& token) {
  std::uint64_t hash = 0;
  for (const char32_t c : token) hash = (hash ^ c) * 0x9e3779b97f4a7c15ULL;
  return hash;
}

/// 1, -1 or 0 for each dimension.
std::vector<float> column(std::uint64_t bucket, const HashedTfidfOptions& options) {
  std::vector<float> signs(options.dimension);
  for (std::uint64_t block = 0; block < 8; ++block) {
    const std::uint64_t random = random_bits(options.seed, block / 4, bucket);
    const std::uint64_t lane = random >> (16 * (block % 4)) & 0xffff;
    const std::uint64_t begin = block * options.dimension / 8;
    const std::uint64_t end = (block + 1) * options.dimension / 8;
    signs[begin + lane / 2 * (end - begin) / 32768] = lane % 2 == 0 ? 1.0F : -1.0F;
  }
  return signs;
}

}  // namespace

std::vector<std::u32string> tokens(std::string_view utf8) {
  const auto utf16 =
      icu::UnicodeString::fromUTF8(icu::StringPiece(utf8.data(), static_cast<std::int32_t>(utf8.size())));
  std::vector<std::u32string> found;
  std::u32string word;
  const auto end_word = [&] {
    if (!word.empty()) found.push_back(word);
    word.clear();
  };
  for (std::int32_t i = 0; i < utf16.length(); i = utf16.moveIndex32(i, 1)) {
    const char32_t c = narrowed(static_cast<char32_t>(utf16.char32At(i)));
    if (u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) continue;
    const auto folded = static_cast<char32_t>(u_foldCase(static_cast<UChar32>(c), U_FOLD_CASE_DEFAULT));
    const bool alone = (is_word_part(c) || is_pictograph(c)) && stands_alone(c);
    if (is_word_part(c) && !alone) {
      word += folded;
      continue;
    }
    end_word();
    if (alone) found.emplace_back(1, folded);
  }
  end_word();
  return found;
}

std::vector<std::uint64_t> features(std::string_view utf8, std::size_t buckets) {
  std::vector<std::uint64_t> hashes;
  std::u32string before;
  for (const std::u32string& token : tokens(utf8)) {
    if (token.size() > 5) hashes.push_back(mixed(token_hash(token.substr(0, 5)) ^ 0x27d4eb2f165667c5ULL));
    hashes.push_back(mixed(token_hash(token)));
    if (!before.empty()) hashes.push_back(mixed(token_hash(token) + token_hash(before) * 0xc2b2ae3d27d4eb4fULL));
    before = token;
  }
  // The high bits: 2^64 / buckets hashes share a bucket.
  const std::uint64_t hashes_a_bucket = ~std::uint64_t{0} / buckets + 1;
  for (std::uint64_t& hash : hashes) hash /= hashes_a_bucket;
  return hashes;
}

std::vector<std::uint64_t> ngrams(std::string_view utf8, std::size_t buckets, std::size_t n) {
  const auto words = tokens(utf8);
  std::vector<std::uint64_t> found;
  for (std::size_t end = 1; end <= words.size(); ++end) {
    for (std::size_t length = 1; length <= std::min(n, end); ++length) {
      std::uint64_t hash = 0;
      for (std::size_t i = end - length; i < end; ++i) hash = hash * 0xc2b2ae3d27d4eb4fULL + token_hash(words[i]);
      // The high 32 bits, as a fraction of 2^32.
      const auto fraction = static_cast<double>(mixed(hash) >> 32U) / 0x1p32;
      found.push_back(static_cast<std::uint64_t>(fraction * static_cast<double>(buckets)));
    }
  }
  return found;
}

std::vector<std::uint64_t> document_counts(const std::vector<std::string>& texts, const HashedTfidfOptions& options) {
  std::vector<std::uint64_t> counts(options.buckets);
  for (const std::string& text : texts) {
    const auto all = features(text, options.buckets);
    for (const std::uint64_t bucket : std::set<std::uint64_t>(all.begin(), all.end())) ++counts[bucket];
  }
  return counts;
}

std::vector<float> embedding(std::string_view utf8, const std::vector<float>& weights,
                             const HashedTfidfOptions& options) {
  const auto all = features(utf8, options.buckets);
  std::map<std::uint64_t, std::uint64_t> occurrences;
  for (const std::uint64_t bucket : all) ++occurrences[bucket];
  std::vector<float> row(options.dimension);
  std::set<std::uint64_t> seen;
  for (const std::uint64_t bucket : all) {
    if (!seen.insert(bucket).second) continue;
    const float weight = std::sqrt(static_cast<float>(occurrences[bucket])) * weights[bucket];
    const auto signs = column(bucket, options);
    for (std::size_t j = 0; j < row.size(); ++j) row[j] += weight * signs[j];
  }
  return row;
}

}  // namespace farpoint::text::reference
