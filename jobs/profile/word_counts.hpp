// SPDX-License-Identifier: Apache-2.0
// jobs/profile/word_counts.hpp: how often words occur in sources.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace farpoint::jobs {

struct WordCount {
  std::string word;
  std::uint64_t count = 0;

  template <typename Archive>
  void serialize(Archive& archive, unsigned) {
    archive& word& count;
  }
};

/// The most frequent words and how many there are.
struct Vocabulary {
  std::uint64_t occurrences = 0;
  std::uint64_t words = 0;  ///< different ones
  std::vector<WordCount> top;

  /// Brings in what was counted of other words.
  void merge(const Vocabulary& other, std::size_t top_words);

  template <typename Archive>
  void serialize(Archive& archive, unsigned) {
    archive& occurrences& words& top;
  }
};

/// A hash table from (source, word) to a count. Takes about 40 bytes an entry beside the word itself. Not thread-safe.
class WordCounts {
 public:
  /// Words of more than 256 bytes, which hostile texts have, are known by their beginning and a 64-bit hash.
  void add(std::uint32_t source, std::string_view word, std::uint64_t count = 1);

  std::size_t size() const { return entries_.size(); }
  /// Memory in use for the words and their counts, without what is held in reserve.
  std::size_t bytes() const { return entries_.size() * sizeof(Entry) + words_.size(); }
  void clear();

  /// Calls visit(source, word, count) for each entry, in the order in which they came.
  template <typename Visit>
  void for_each(const Visit& visit) const {
    for (const auto& entry : entries_) visit(entry.source, word_of(entry), entry.count);
  }

  /// By source, [sources] and behind them that of all together. The top words are those that occur most, of equally
  /// frequent ones the first by bytes.
  std::vector<Vocabulary> vocabularies(std::size_t sources, std::size_t top_words) const;

 private:
  struct Entry {
    std::uint64_t begin = 0;  ///< of the word in words_
    std::uint32_t size = 0;
    std::uint32_t source = 0;
    std::uint64_t count = 0;
  };

  std::string_view word_of(const Entry& entry) const {
    return std::string_view(words_).substr(entry.begin, entry.size);
  }
  /// Where the entry's number stands in slots_, or would.
  std::size_t slot_of(std::uint32_t source, std::string_view word) const;
  void grow();

  std::vector<Entry> entries_;
  std::string words_;
  std::vector<std::uint32_t> slots_;  ///< a power of two; number of an entry from 1, 0: free
};

/// Which of `ranks` a word belongs to, whatever its source.
std::size_t rank_of_word(std::string_view word, std::size_t ranks);

}  // namespace farpoint::jobs
