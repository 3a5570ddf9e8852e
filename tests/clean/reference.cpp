// SPDX-License-Identifier: Apache-2.0
#include "clean/reference.hpp"

#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <set>
#include <tuple>
#include <utility>

namespace farpoint::clean::reference {

namespace {

/// Marks the bytes, up to three, of a sequence that is not UTF-8.
constexpr char32_t ill_formed = 0x80000000U;

std::uint32_t category(char32_t c) {
  return U_GET_GC_MASK(static_cast<UChar32>(c));
}
bool is_white(char32_t c) {
  return u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_WHITE_SPACE) != 0;
}
bool is_letter(char32_t c) {
  return (category(c) & U_GC_L_MASK) != 0;
}
bool is_digit(char32_t c) {
  return (category(c) & U_GC_N_MASK) != 0;
}
bool is_mark(char32_t c) {
  return (category(c) & (U_GC_M_MASK | U_GC_CF_MASK)) != 0;
}
bool is_one_of(char32_t c, std::u32string_view set) {
  return set.find(c) != std::u32string_view::npos;
}

bool is_punctuation(char32_t c) {
  if (c < 0x80) return is_one_of(c, U".,;:!?'\"()-[]/&");
  return (category(c) & U_GC_P_MASK) != 0;
}

bool is_ideograph(char32_t c) {
  const auto character = static_cast<UChar32>(c);
  return is_letter(c) &&
         (u_getIntPropertyValue(character, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT ||
          uscript_hasScript(character, USCRIPT_HAN) != 0 || uscript_hasScript(character, USCRIPT_HIRAGANA) != 0 ||
          uscript_hasScript(character, USCRIPT_KATAKANA) != 0);
}

bool is_beside(char32_t c) {
  return is_punctuation(c) || is_mark(c);
}

/// Words of one run without white space: each ideograph with what is beside it, and what lies between.
void split_run(const std::u32string& run, std::vector<std::u32string>& words) {
  std::u32string word;
  bool has_ideograph = false;
  for (const char32_t c : run) {
    const bool only_beside = std::ranges::all_of(word, is_beside);
    const bool begins = is_ideograph(c) ? !only_beside : has_ideograph && !is_beside(c);
    if (begins) {
      words.push_back(word);
      word.clear();
    }
    if (begins || word.empty()) has_ideograph = false;
    has_ideograph = has_ideograph || is_ideograph(c);
    word += c;
  }
  if (!word.empty()) words.push_back(word);
}

/// Split at "\n".
std::vector<std::u32string> raw_lines(std::string_view utf8) {
  std::vector<std::u32string> result(1);
  for (const char32_t c : decoded(utf8)) {
    if (c == U'\n') {
      result.emplace_back();
    } else {
      result.back() += c;
    }
  }
  return result;
}

std::u32string trimmed(const std::u32string& text) {
  const auto first = std::ranges::find_if_not(text, is_white);
  const auto last = std::find_if_not(text.rbegin(), std::make_reverse_iterator(first), is_white).base();
  return {first, last};
}

std::u32string lowered(std::u32string text) {
  for (char32_t& c : text) {
    if (c >= U'A' && c <= U'Z') c += U'a' - U'A';
  }
  return text;
}

std::size_t occurrences(std::u32string_view text, std::u32string_view wanted) {
  std::size_t count = 0;
  for (std::size_t at = text.find(wanted); at != std::u32string_view::npos;
       at = text.find(wanted, at + wanted.size())) {
    ++count;
  }
  return count;
}

bool is_quotation(char32_t c) {
  return is_one_of(c, U"\"'”’»›」』＂＇");
}
bool is_terminal(char32_t c) {
  return u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_S_TERM) != 0;
}

bool is_closing(char32_t c) {
  return is_quotation(c) || (category(c) & (U_GC_PE_MASK | U_GC_PF_MASK)) != 0;
}

/// A sentence ends with each longest row of terminals and closing marks that begins with a terminal, if it has a
/// terminal beyond ASCII, or white space or nothing behind it.
std::uint64_t sentences(const std::u32string& text) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (!is_terminal(text[i])) {
      ++i;
      continue;
    }
    bool ends = false;
    for (; i < text.size() && (is_terminal(text[i]) || is_closing(text[i])); ++i) {
      ends = ends || (is_terminal(text[i]) && text[i] >= 0x80);
    }
    count += ends || i == text.size() || is_white(text[i]) ? 1 : 0;
  }
  return count;
}

void count_words(const std::vector<std::u32string>& words, TextStatistics& result) {
  const std::set<std::u32string> stop_words = {U"the", U"be", U"to", U"of", U"and", U"that", U"have", U"with"};
  std::set<std::u32string> seen;
  for (std::u32string word : words) {
    ++result.words;
    result.alphabetic_words += std::ranges::any_of(word, is_letter) ? 1 : 0;
    result.single_character_words += std::ranges::any_of(word, is_ideograph) ? 1 : 0;
    while (!word.empty() && is_beside(word.back())) word.pop_back();
    while (!word.empty() && is_beside(word.front())) word.erase(0, 1);
    if (stop_words.contains(lowered(word))) seen.insert(lowered(word));
  }
  result.stop_words = seen.size();
}

void count_lines(std::string_view utf8, TextStatistics& result) {
  for (const std::u32string& line : raw_lines(utf8)) {
    const std::u32string text = trimmed(line);
    if (text.empty()) continue;
    ++result.lines;
    const std::size_t second = line.find(text[0]) + 1;
    const bool blank_follows = second < line.size() && is_white(line[second]);
    result.bullet_lines += is_one_of(text[0], U"•‣▪●◦") || (is_one_of(text[0], U"-*·") && blank_follows) ? 1 : 0;
    const bool ellipsis = text.ends_with(U"...") || text.back() == U'…';
    result.ellipsis_lines += ellipsis ? 1 : 0;
    result.terminal_lines += !ellipsis && (is_terminal(text.back()) || is_quotation(text.back())) ? 1 : 0;
    const std::u32string lower = lowered(text);
    const auto has = [&](std::u32string_view phrase) { return lower.find(phrase) != std::u32string::npos; };
    result.javascript_lines += has(U"javascript") ? 1 : 0;
    result.policy_lines += has(U"terms of use") || has(U"privacy policy") || has(U"cookie policy") ||
                                   has(U"uses cookies") || has(U"use of cookies") || has(U"use cookies")
                               ? 1
                               : 0;
  }
}

using Ngram = std::vector<std::u32string>;

std::size_t characters(const Ngram& words) {
  std::size_t sum = 0;
  for (const std::u32string& word : words) sum += word.size();
  return sum;
}

/// Of lines: bytes that do not continue a character.
std::size_t line_characters(const Ngram& lines) {
  std::size_t sum = 0;
  for (const char32_t c : std::accumulate(lines.begin(), lines.end(), std::u32string())) {
    if (c < ill_formed) {
      ++sum;
      continue;
    }
    for (unsigned shift = 0; shift < 24; shift += 8) sum += (c >> shift & 0xC0U) == 0xC0U ? 1 : 0;
  }
  return sum;
}

double top_ngram(const Ngram& words, std::size_t n) {
  std::map<Ngram, std::size_t> counts;
  std::vector<Ngram> in_order;
  for (std::size_t i = 0; i + n <= words.size(); ++i) {
    in_order.emplace_back(words.begin() + static_cast<std::ptrdiff_t>(i),
                          words.begin() + static_cast<std::ptrdiff_t>(i + n));
    ++counts[in_order.back()];
  }
  std::size_t most = 1;
  double share = 0;
  for (const Ngram& ngram : in_order) {
    if (counts[ngram] <= most) continue;
    most = counts[ngram];
    share = static_cast<double>(most * characters(ngram)) / static_cast<double>(characters(words));
  }
  return std::min(1.0, share);
}

double duplicate_ngrams(const Ngram& words, std::size_t n) {
  std::set<Ngram> seen;
  std::size_t duplicate_characters = 0;
  for (std::size_t i = 0; i + n <= words.size();) {
    const Ngram ngram(words.begin() + static_cast<std::ptrdiff_t>(i),
                      words.begin() + static_cast<std::ptrdiff_t>(i + n));
    const bool duplicate = !seen.insert(ngram).second;
    duplicate_characters += duplicate ? characters(ngram) : 0;
    i += duplicate ? n : 1;
  }
  return words.empty() ? 0 : static_cast<double>(duplicate_characters) / static_cast<double>(characters(words));
}

/// `parts`: lines, or paragraphs as lists of lines.
std::pair<double, double> duplicates(const std::vector<Ngram>& parts) {
  std::set<Ngram> seen;
  double all_characters = 0;
  double duplicate_parts = 0;
  double duplicate_characters = 0;
  for (const Ngram& part : parts) {
    const bool duplicate = !seen.insert(part).second;
    all_characters += static_cast<double>(line_characters(part));
    duplicate_parts += duplicate ? 1 : 0;
    duplicate_characters += duplicate ? static_cast<double>(line_characters(part)) : 0;
  }
  if (parts.empty()) return {0, 0};
  return {duplicate_parts / static_cast<double>(parts.size()),
          all_characters == 0 ? 0 : duplicate_characters / all_characters};
}

}  // namespace

std::u32string decoded(std::string_view utf8) {
  std::u32string result;
  const auto size = static_cast<std::int32_t>(utf8.size());
  for (std::int32_t at = 0; at < size;) {
    const std::int32_t begin = at;
    UChar32 c = 0;
    U8_NEXT(utf8.data(), at, size, c);
    auto value = static_cast<char32_t>(c);
    if (c < 0) {
      value = ill_formed;
      for (std::int32_t i = begin; i < at; ++i) {
        value |= static_cast<char32_t>(static_cast<unsigned char>(utf8[static_cast<std::size_t>(i)]))
                 << (8 * (i - begin));
      }
    }
    result += value;
  }
  return result;
}

std::vector<std::u32string> words(std::string_view utf8) {
  std::vector<std::u32string> result;
  std::u32string run;
  for (const char32_t c : decoded(utf8) + U' ') {
    if (!is_white(c)) {
      run += c;
      continue;
    }
    split_run(run, result);
    run.clear();
  }
  return result;
}

std::vector<std::u32string> lines(std::string_view utf8) {
  std::vector<std::u32string> result;
  for (const std::u32string& line : raw_lines(utf8)) result.push_back(trimmed(line));
  return result;
}

TextStatistics text_statistics(std::string_view utf8) {
  TextStatistics result;
  const std::u32string text = decoded(utf8);
  std::set<char32_t> chinese;
  for (const char32_t c : text) {
    ++result.characters;
    const bool other = !is_white(c) && !is_letter(c) && !is_digit(c) && !is_mark(c) && !is_punctuation(c);
    result.white_space += is_white(c) ? 1 : 0;
    result.letters += is_letter(c) ? 1 : 0;
    result.digits += is_digit(c) ? 1 : 0;
    result.punctuation += is_punctuation(c) && !is_mark(c) ? 1 : 0;
    result.symbols += other ? 1 : 0;
    if (is_one_of(c, U"的了是在和有不我这个")) chinese.insert(c);
  }
  result.chinese_stop_words = chinese.size();
  result.hash_symbols = occurrences(text, U"#");
  result.ellipses = occurrences(text, U"…") + occurrences(text, U"...");
  result.curly_brackets = occurrences(text, U"{");
  result.lorem_ipsum = occurrences(lowered(text), U"lorem ipsum");
  result.sentences = sentences(text);
  count_words(words(utf8), result);
  count_lines(utf8, result);
  return result;
}

Repetition repetition(std::string_view utf8, const RepetitionParts& parts) {
  std::vector<Ngram> all_lines;
  std::vector<Ngram> paragraphs(1);
  for (const std::u32string& line : lines(utf8)) {
    if (!line.empty()) {
      all_lines.push_back({line});
      paragraphs.back().push_back(line);
    } else if (!paragraphs.back().empty()) {
      paragraphs.emplace_back();
    }
  }
  if (paragraphs.back().empty()) paragraphs.pop_back();

  Repetition result;
  if (parts.lines) {
    std::tie(result.duplicate_line_fraction, result.duplicate_line_character_fraction) = duplicates(all_lines);
  }
  if (parts.paragraphs) {
    std::tie(result.duplicate_paragraph_fraction, result.duplicate_paragraph_character_fraction) =
        duplicates(paragraphs);
  }
  for (std::size_t n = 2; n <= 4; ++n) {
    if ((parts.top_ngrams >> n & 1U) != 0) result.top_ngram_fractions[n - 2] = top_ngram(words(utf8), n);
  }
  for (std::size_t n = 5; n <= 10; ++n) {
    if ((parts.duplicate_ngrams >> n & 1U) != 0) {
      result.duplicate_ngram_fractions[n - 5] = duplicate_ngrams(words(utf8), n);
    }
  }
  return result;
}

}  // namespace farpoint::clean::reference
