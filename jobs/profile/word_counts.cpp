// SPDX-License-Identifier: Apache-2.0
#include "word_counts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "farpoint/base/error.hpp"
#include "farpoint/base/hash.hpp"
#include "farpoint/text/characters.hpp"

namespace farpoint::jobs {

namespace {

constexpr std::size_t longest_word = 256;

bool comes_first(const WordCount& one, const WordCount& other) {
  return one.count != other.count ? one.count > other.count : one.word < other.word;
}

/// What a very long word is known by: hostile texts have words of megabytes.
std::string shortened(std::string_view word) {
  auto beginning = word.substr(0, longest_word - 32);
  // Not inside a character.
  while (!beginning.empty() && !text::begins_character(word[beginning.size()])) {
    beginning.remove_suffix(1);
  }
  return fmt::format("{}…{:016x}", beginning, hash64(word));
}

void keep_first(std::vector<WordCount>& words, std::size_t count) {
  const auto end = words.begin() + static_cast<std::ptrdiff_t>(std::min(count, words.size()));
  std::partial_sort(words.begin(), end, words.end(), comes_first);
  words.erase(end, words.end());
}

/// Keeps the first words of many without holding all of them.
class TopWords {
 public:
  explicit TopWords(std::size_t count) : count_(count) {}

  void offer(std::string_view word, std::uint64_t count) {
    if (count_ == 0 || count < least_) return;
    words_.push_back({std::string(word), count});
    if (words_.size() < 2 * count_ + 1024) return;
    keep_first(words_, count_);
    least_ = words_.back().count;
  }

  std::vector<WordCount> take() {
    keep_first(words_, count_);
    return std::move(words_);
  }

 private:
  std::size_t count_;
  std::uint64_t least_ = 0;  ///< words that occur less often are not among the first
  std::vector<WordCount> words_;
};

}  // namespace

void Vocabulary::merge(const Vocabulary& other, std::size_t top_words) {
  occurrences += other.occurrences;
  words += other.words;
  top.insert(top.end(), other.top.begin(), other.top.end());
  keep_first(top, top_words);
}

void WordCounts::add(std::uint32_t source, std::string_view word, std::uint64_t count) {
  if (word.size() > longest_word) return add(source, shortened(word), count);
  if (2 * (entries_.size() + 1) > slots_.size()) grow();
  auto& slot = slots_[slot_of(source, word)];
  if (slot == 0) {
    entries_.push_back({words_.size(), static_cast<std::uint32_t>(word.size()), source, 0});
    words_.append(word);
    slot = static_cast<std::uint32_t>(entries_.size());
  }
  entries_[slot - 1].count += count;
}

void WordCounts::clear() {
  entries_.clear();
  words_.clear();
  std::fill(slots_.begin(), slots_.end(), 0U);
}

std::size_t WordCounts::slot_of(std::uint32_t source, std::string_view word) const {
  const auto mask = slots_.size() - 1;
  auto at = static_cast<std::size_t>(hash64(word, source)) & mask;
  while (slots_[at] != 0) {
    const auto& entry = entries_[slots_[at] - 1];
    if (entry.source == source && word_of(entry) == word) break;
    at = (at + 1) & mask;
  }
  return at;
}

void WordCounts::grow() {
  constexpr std::size_t first_size = 1024;
  constexpr std::size_t most_slots = std::size_t{1} << 32U;
  if (slots_.size() == most_slots) {
    throw Error(
        "profile: more different words on one rank than can be counted; use more ranks, or 'vocabulary: false'");
  }
  slots_.assign(std::max(first_size, 2 * slots_.size()), 0);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    slots_[slot_of(entries_[i].source, word_of(entries_[i]))] = static_cast<std::uint32_t>(i + 1);
  }
}

std::vector<Vocabulary> WordCounts::vocabularies(std::size_t sources, std::size_t top_words) const {
  std::vector<Vocabulary> vocabularies(sources + 1);
  std::vector<TopWords> top(sources + 1, TopWords(top_words));
  const auto take = [&](std::size_t place, std::string_view word, std::uint64_t count) {
    ++vocabularies[place].words;
    vocabularies[place].occurrences += count;
    top[place].offer(word, count);
  };
  WordCounts all;
  for_each([&](std::uint32_t source, std::string_view word, std::uint64_t count) {
    take(source, word, count);
    if (sources > 1) all.add(0, word, count);
  });
  // With one source the table of all would be a copy.
  const auto& together = sources > 1 ? all : *this;
  together.for_each([&](std::uint32_t, std::string_view word, std::uint64_t count) { take(sources, word, count); });
  for (std::size_t place = 0; place <= sources; ++place) vocabularies[place].top = top[place].take();
  return vocabularies;
}

std::size_t rank_of_word(std::string_view word, std::size_t ranks) {
  // Other bits than those that the tables use.
  return static_cast<std::size_t>((hash64(word, ~std::uint64_t{0}) >> 32U) * ranks >> 32U);
}

}  // namespace farpoint::jobs
