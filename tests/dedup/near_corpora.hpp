// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "farpoint/base/random.hpp"
#include "farpoint/dedup/edges.hpp"

namespace farpoint::dedup {

struct Record {
  std::uint64_t id;
  std::string text;
};
using Corpus = std::vector<Record>;

/// More than any id of the pool's records.
inline std::uint64_t id_end(const Corpus& corpus) {
  std::uint64_t end = 1;
  for (const Record& record : corpus) end = std::max(end, (record.id & ~curated_bit) + 1);
  return end;
}

/// `count` words of an endless text, from the given one on.
inline std::string words_from(std::uint64_t text, std::uint64_t first, std::uint64_t count) {
  std::string result;
  for (std::uint64_t i = first; i < first + count; ++i) {
    result += "w" + std::to_string(random_bits(40, text, i) % 2000) + (i % 11 == 10 ? ".\n" : " ");
  }
  return result;
}

inline std::string words(std::uint64_t text, std::uint64_t count) {
  return words_from(text, 0, count);
}

/// Families of texts: an original, and variants with a block of 0 to half of its words replaced, so that their
/// similarities to it are from 1/3 to 1; ids with gaps, in no order.
inline Corpus planted_corpus(std::uint64_t trial, std::uint64_t families) {
  Corpus corpus;
  for (std::uint64_t family = 0; family < families; ++family) {
    const std::uint64_t text = 1000 * trial + family;
    const std::uint64_t length = 30 + random_bits(41, text, 0) % 300;
    const std::uint64_t variants = random_bits(41, text, 1) % 5;
    corpus.push_back({0, words(text, length)});
    for (std::uint64_t variant = 1; variant <= variants; ++variant) {
      const std::uint64_t replaced = random_bits(42, text, variant) % (length / (variant == 1 ? 12 : 2));
      corpus.push_back(
          {0, words_from(text, replaced, length - replaced) + words(1'000'000 + 10 * text + variant, replaced)});
    }
  }
  for (std::uint64_t i = 0; i < corpus.size(); ++i) corpus[i].id = 2 * (i * 7919 % corpus.size()) + 1;
  return corpus;
}

}  // namespace farpoint::dedup
