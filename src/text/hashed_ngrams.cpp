// SPDX-License-Identifier: Apache-2.0
#include "farpoint/text/hashed_ngrams.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "farpoint/base/error.hpp"
#include "words.hpp"

namespace farpoint::text {

namespace {

/// Calls sink(bucket) for each n-gram: at each word first the word, then the pair that ends with it, and so on.
template <typename Sink>
void for_each_ngram(std::string_view utf8, std::size_t buckets, std::size_t n, Sink&& sink) {
  // The hashes of the n-grams that end at the last word, by their length from 1.
  std::array<std::uint64_t, HashedNgrams::longest_ngram> ending{};
  std::size_t longest = 0;
  for_each_word(utf8, [&](const Word& word) {
    longest = std::min(longest + 1, n);
    for (std::size_t length = longest; length > 1; --length) {
      ending[length - 1] = joined(ending[length - 2], word.hash);
    }
    ending[0] = word.hash;
    for (std::size_t length = 1; length <= longest; ++length) {
      // The high bits of a hash are the good ones. 32 are enough for any number of buckets, also no power of two.
      sink(static_cast<std::size_t>((mixed(ending[length - 1]) >> 32U) * buckets >> 32U));
    }
  });
}

}  // namespace

HashedNgrams::HashedNgrams(std::size_t buckets, std::size_t n) : buckets_(buckets), n_(n) {
  if (buckets < 2 || buckets > most_buckets) {
    throw UsageError(fmt::format("{} buckets for hashed n-grams: 2 to {} are possible", buckets, most_buckets));
  }
  if (n < 1 || n > longest_ngram) {
    throw UsageError(fmt::format("n-grams of up to {} words: 1 to {} are possible", n, longest_ngram));
  }
}

std::uint64_t HashedNgrams::count(std::string_view utf8, std::span<std::uint64_t> counts) const {
  assert(counts.size() == buckets_);
  std::uint64_t occurrences = 0;
  for_each_ngram(utf8, buckets_, n_, [&](std::size_t bucket) {
    ++counts[bucket];
    ++occurrences;
  });
  return occurrences;
}

HashedNgrams::Score HashedNgrams::score(std::string_view utf8, std::span<const double> weights) const {
  assert(weights.size() == buckets_);
  Score score;
  for_each_ngram(utf8, buckets_, n_, [&](std::size_t bucket) {
    score.sum += weights[bucket];
    ++score.occurrences;
  });
  return score;
}

}  // namespace farpoint::text
