// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/repetition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "farpoint/base/error.hpp"
#include "farpoint/clean/text_statistics.hpp"
#include "hash_counts.hpp"
#include "hashed_words.hpp"
#include "trimmed_lines.hpp"

namespace farpoint::clean {

namespace {

/// Spreads over the high bits, by which HashCounts looks up (Knuth's multiplicative hashing, after one fold).
std::uint64_t spread(std::uint64_t hash) {
  return (hash ^ hash >> 32U) * 0x9e3779b97f4a7c15ULL;
}

/// How much of the parts of a text, lines or paragraphs, an earlier one equals.
struct Duplicates {
  std::uint64_t parts = 0;
  std::uint64_t characters = 0;
  std::uint64_t duplicate_parts = 0;
  std::uint64_t duplicate_characters = 0;

  void add(HashCounts& seen, const HashedPart& part) {
    HashCounts::Entry& entry = seen[spread(part.hash)];
    const bool duplicate = entry.count != 0;
    entry.count = 1;
    ++parts;
    characters += part.characters;
    duplicate_parts += duplicate ? 1 : 0;
    duplicate_characters += duplicate ? part.characters : 0;
  }
};

Duplicates duplicates_among(std::span<const HashedPart> parts, HashCounts& seen) {
  seen.reset(parts.size());
  Duplicates result;
  for (const HashedPart& part : parts) result.add(seen, part);
  return result;
}

/// The hashes of all rows of n words. Polynomials of the words' hashes, modulo 2^64: from one row to the next in two
/// multiplications, whatever n is.
class RollingHash {
 public:
  RollingHash(std::span<const HashedPart> words, std::size_t n) : words_(words), n_(n) {
    for (std::size_t i = 1; i < n; ++i) highest_power_ *= factor;
    for (std::size_t i = 0; i < n; ++i) hash_ = hash_ * factor + words[i].hash;
  }

  /// Of the row from word `at()` on.
  std::uint64_t hash() const { return spread(hash_); }
  std::size_t at() const { return at_; }
  bool is_last() const { return at_ + n_ == words_.size(); }

  void advance() {
    hash_ = (hash_ - words_[at_].hash * highest_power_) * factor + words_[at_ + n_].hash;
    ++at_;
  }

 private:
  static constexpr std::uint64_t factor = 0xc2b2ae3d27d4eb4fULL;
  std::span<const HashedPart> words_;
  std::size_t n_;
  std::size_t at_ = 0;
  std::uint64_t highest_power_ = 1;
  std::uint64_t hash_ = 0;
};

std::uint64_t characters_of(std::span<const HashedPart> words) {
  std::uint64_t sum = 0;
  for (const HashedPart& word : words) sum += word.characters;
  return sum;
}

/// The characters of all occurrences of the most frequent n-gram.
std::uint64_t top_ngram_characters(std::span<const HashedPart> words, std::size_t n, HashCounts& counts) {
  if (words.size() < n) return 0;
  counts.reset(words.size() - n + 1);
  std::uint32_t most = 1;
  std::uint32_t first_of_most = 0;
  for (RollingHash row(words, n);; row.advance()) {
    HashCounts::Entry& entry = counts[row.hash()];
    if (entry.count == 0) entry.first = static_cast<std::uint32_t>(row.at());
    ++entry.count;
    // Each n-gram comes by here with its final count, so of those with the most, the first one remains.
    if (entry.count > most || (entry.count == most && entry.first < first_of_most)) {
      most = entry.count;
      first_of_most = entry.first;
    }
    if (row.is_last()) break;
  }
  return most < 2 ? 0 : most * characters_of(words.subspan(first_of_most, n));
}

/// The characters within n-grams that have occurred before.
std::uint64_t duplicate_ngram_characters(std::span<const HashedPart> words, std::size_t n, HashCounts& seen) {
  if (words.size() < n) return 0;
  seen.reset(words.size() - n + 1);
  std::uint64_t characters = 0;
  std::size_t next = 0;
  for (RollingHash row(words, n);; row.advance()) {
    if (row.at() == next) {
      HashCounts::Entry& entry = seen[row.hash()];
      if (entry.count != 0) characters += characters_of(words.subspan(next, n));
      next += entry.count != 0 ? n : 1;
      entry.count = 1;
    }
    if (row.is_last()) break;
  }
  return characters;
}

struct WorkSpace {
  HashCounts counts;
  std::vector<HashedPart> parts;

  void release_if_large() {
    constexpr std::size_t most_kept = (std::size_t{1} << 24) / sizeof(HashedPart);
    counts.release_if_large();
    if (parts.capacity() > most_kept) std::vector<HashedPart>().swap(parts);
  }
};

void measure_lines(std::string_view utf8, const RepetitionParts& wanted, WorkSpace& space, Repetition& result) {
  if (wanted.lines) {
    read_lines(utf8, space.parts);
    const Duplicates found = duplicates_among(space.parts, space.counts);
    result.duplicate_line_fraction = fraction(found.duplicate_parts, found.parts);
    result.duplicate_line_character_fraction = fraction(found.duplicate_characters, found.characters);
  }
  if (wanted.paragraphs) {
    read_paragraphs(utf8, space.parts);
    const Duplicates found = duplicates_among(space.parts, space.counts);
    result.duplicate_paragraph_fraction = fraction(found.duplicate_parts, found.parts);
    result.duplicate_paragraph_character_fraction = fraction(found.duplicate_characters, found.characters);
  }
}

void measure_ngrams(std::string_view utf8, const RepetitionParts& wanted, WorkSpace& space, Repetition& result) {
  read_words(utf8, space.parts);
  const std::uint64_t characters = characters_of(space.parts);
  for (std::size_t n = Repetition::shortest_top_ngram; n <= Repetition::longest_top_ngram; ++n) {
    if ((wanted.top_ngrams >> n & 1U) == 0) continue;
    const double share = fraction(top_ngram_characters(space.parts, n, space.counts), characters);
    result.top_ngram_fractions[n - Repetition::shortest_top_ngram] = std::min(share, 1.0);
  }
  for (std::size_t n = Repetition::shortest_duplicate_ngram; n <= Repetition::longest_duplicate_ngram; ++n) {
    if ((wanted.duplicate_ngrams >> n & 1U) == 0) continue;
    result.duplicate_ngram_fractions[n - Repetition::shortest_duplicate_ngram] =
        fraction(duplicate_ngram_characters(space.parts, n, space.counts), characters);
  }
}

}  // namespace

Repetition repetition(std::string_view utf8, const RepetitionParts& parts) {
  if (utf8.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw Error(fmt::format("a text of {} bytes: repetition can be measured in up to 4 GiB; split it", utf8.size()));
  }
  thread_local WorkSpace space;
  Repetition result;
  measure_lines(utf8, parts, space, result);
  if (parts.top_ngrams != 0 || parts.duplicate_ngrams != 0) measure_ngrams(utf8, parts, space, result);
  space.release_if_large();
  return result;
}

}  // namespace farpoint::clean
