// SPDX-License-Identifier: Apache-2.0
#include "english.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

#include "ascii.hpp"
#include "short_word.hpp"

namespace farpoint::clean {

namespace {

/// Frequent in English, and in no other language.
constexpr std::string_view english_alone[] = {"the",   "and",   "that",   "with",  "this",  "you",     "from", "which",
                                              "they",  "their", "would",  "what",  "there", "were",    "been", "could",
                                              "these", "your",  "should", "than",  "then",  "because", "who",  "how",
                                              "when",  "where", "she",    "about", "into"};

/// Frequent in English, but also in others: "of" in Dutch, "to" in Polish, "are" in Romanian, "was" in German.
constexpr std::string_view english_too[] = {"of",   "to", "is",  "in",  "it",  "for", "was", "as",  "on",  "are",
                                            "have", "be", "at",  "by",  "or",  "an",  "not", "but", "he",  "we",
                                            "a",    "i",  "so",  "if",  "do",  "has", "had", "can", "his", "her",
                                            "will", "my", "its", "our", "out", "up",  "all", "one", "no",  "more"};

/// A map by open addressing, made when compiling.
class FunctionWords {
 public:
  enum class Found : std::uint8_t { no, ambiguous, certain };

  constexpr FunctionWords() {
    for (const std::string_view word : english_alone) put(packed(word), Found::certain);
    for (const std::string_view word : english_too) put(packed(word), Found::ambiguous);
  }

  constexpr Found find(PackedWord word) const {
    for (std::size_t at = slot(word); words_[at] != 0; at = (at + 1) % words_.size()) {
      if (words_[at] == word) return found_[at];
    }
    return Found::no;
  }

 private:
  static constexpr std::size_t slot(PackedWord word) { return word * 0x9e3779b97f4a7c15ULL >> 55U; }

  constexpr void put(PackedWord word, Found found) {
    std::size_t at = slot(word);
    while (words_[at] != 0) at = (at + 1) % words_.size();
    words_[at] = word;
    found_[at] = found;
  }

  std::array<PackedWord, 512> words_{};
  std::array<Found, 512> found_{};
};

constexpr FunctionWords english_words;

/// The word that begins at `at`. Of a longer one than can be packed, the number is 0, which no word has.
LeadingLetters word_at(std::string_view text, std::size_t at) {
  if (text.size() - at >= longest_packed_word) {
    const LeadingLetters word = leading_letters(text.data() + at);
    if (word.count < longest_packed_word) return word;
  }
  std::size_t end = at;
  while (end < text.size() && is_ascii_letter(text[end])) ++end;
  const std::string_view word = text.substr(at, end - at);
  return {word.size(), word.size() > longest_packed_word ? 0 : packed(word)};
}

/// A row of words, with what lies between them.
struct Stretch {
  std::size_t begin = 0;
  std::size_t words = 0;
  std::size_t letters = 0;
  std::size_t beyond_ascii = 0;
  std::size_t certain = 0;
  std::size_t function_words = 0;

  void add(LeadingLetters word) {
    ++words;
    letters += word.count;
    const FunctionWords::Found found = english_words.find(word.word);
    certain += found == FunctionWords::Found::certain ? 1 : 0;
    function_words += found != FunctionWords::Found::no ? 1 : 0;
  }

  bool is_english() const {
    // A few quotation marks and names with accents.
    return certain > 0 && function_words * 4 >= words && beyond_ascii * 8 <= letters;
  }
};

}  // namespace

std::size_t take_english(std::string_view text, std::string& rest) {
  constexpr std::size_t stretch_words = 32;
  constexpr std::size_t too_few_to_tell = 8;
  std::size_t taken = 0;
  Stretch stretch;
  const auto end_stretch = [&](std::size_t end, bool is_english) {
    if (is_english) {
      taken += stretch.letters;
    } else {
      rest.append(text.substr(stretch.begin, end - stretch.begin));
    }
    stretch = {};
    stretch.begin = end;
  };
  for (std::size_t at = 0; at < text.size();) {
    if (!is_ascii_letter(text[at])) {
      stretch.beyond_ascii += static_cast<unsigned char>(text[at]) >= 0x80 ? 1 : 0;
      ++at;
      continue;
    }
    const LeadingLetters word = word_at(text, at);
    at += word.count;
    stretch.add(word);
    if (stretch.words == stretch_words) end_stretch(at, stretch.is_english());
  }
  const bool goes_along = taken > 0 && stretch.words < too_few_to_tell && stretch.beyond_ascii * 8 <= stretch.letters;
  const bool is_long_enough = taken > 0 && stretch.is_english();
  end_stretch(text.size(), goes_along || is_long_enough);
  return taken;
}

}  // namespace farpoint::clean
