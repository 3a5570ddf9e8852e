// SPDX-License-Identifier: Apache-2.0
#include "bench_corpus.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/random.hpp"

namespace farpoint::cli {

namespace {

constexpr std::uint64_t seed = 17;
constexpr std::uint64_t words_stream = 0x776f726473;      // "words": the vocabulary
constexpr std::uint64_t texts_stream = 0x7465787473;      // "texts": which words a record has
constexpr std::uint64_t changes_stream = 0x6368616e6765;  // "change": what copies have else
constexpr std::uint64_t vocabulary_bits = 14;             // words
constexpr std::uint64_t sentences_of_record = 12;
constexpr std::uint64_t words_of_sentence = 13;

/// The most frequent words of English: texts without any would not pass as a language.
constexpr std::array<std::string_view, 32> common{"the",  "of",   "and",  "to",    "in",   "is",  "that", "it",
                                                  "was",  "for",  "on",   "are",   "with", "as",  "his",  "they",
                                                  "from", "have", "this", "or",    "by",   "not", "what", "all",
                                                  "were", "when", "we",   "there", "can",  "an",  "your", "which"};

/// Made of syllables, so that most are different and all can be pronounced.
std::string make_word(std::uint64_t number) {
  static constexpr std::string_view consonants = "bcdfghklmnprstvw";
  static constexpr std::string_view vowels = "aeiouaeo";
  auto bits = random_bits(seed, words_stream, number);
  std::string word;
  for (std::uint64_t syllables = 2 + bits % 3; syllables > 0; --syllables) {
    bits >>= 3;
    word += consonants[bits % consonants.size()];
    word += vowels[(bits >> 4) % vowels.size()];
    bits >>= 7;
  }
  return word;
}

std::vector<std::string> make_vocabulary() {
  std::vector<std::string> words(common.begin(), common.end());
  while (words.size() < (std::uint64_t{1} << vocabulary_bits)) words.push_back(make_word(words.size()));
  return words;
}

/// Words whose rank has a number of bits, all numbers of bits being equally likely: Zipf's law, in steps of two.
std::size_t word_rank(std::uint64_t bits) {
  const auto width = bits % vocabulary_bits;
  const auto first = std::uint64_t{1} << width;
  return (first - 1) + (bits >> 8) % first;
}

std::string make_record(const std::vector<std::string>& words, std::uint64_t record) {
  // Every tenth is a copy of the one seven before it, which is none itself.
  const bool copy = record % 10 == 9;
  const auto original = copy ? record - 7 : record;
  std::string line = "{\"text\": \"";
  for (std::uint64_t sentence = 0; sentence < sentences_of_record; ++sentence) {
    for (std::uint64_t word = 0; word < words_of_sentence; ++word) {
      const auto place = sentence * words_of_sentence + word;
      const bool changed = copy && place == random_bits(seed, changes_stream, record) % (2 * words_of_sentence);
      const auto bits = random_bits(seed, texts_stream, (changed ? record : original) * 1024 + place);
      auto text = words[word_rank(bits)];
      if (word == 0) text.front() = static_cast<char>(text.front() - 'a' + 'A');
      line += text;
      line += word + 1 < words_of_sentence ? " " : ". ";
    }
  }
  line.pop_back();
  return line + "\"}\n";
}

}  // namespace

void write_bench_corpus(const std::filesystem::path& path, std::uint64_t records) {
  const auto words = make_vocabulary();
  AtomicFile file(path);
  for (std::uint64_t record = 0; record < records; ++record) file.write(make_record(words, record));
  file.commit();
}

}  // namespace farpoint::cli
