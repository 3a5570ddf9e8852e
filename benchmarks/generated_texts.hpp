// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "farpoint/base/random.hpp"

/// Made-up texts: words and characters drawn by Zipf's law, frequent words short. The same on every machine.
namespace farpoint::benchmarks {

inline std::uint64_t below(std::uint64_t end, std::uint64_t stream, std::uint64_t counter) {
  return random_bits(1, stream, counter) % end;
}

/// Rank r is about 1/r as frequent as the first.
inline std::uint64_t zipf(std::uint64_t ranks, std::uint64_t stream, std::uint64_t counter) {
  const double uniform = static_cast<double>(random_bits(2, stream, counter) >> 11) * 0x1p-53;
  return static_cast<std::uint64_t>(std::pow(static_cast<double>(ranks), uniform)) - 1;
}

/// The word of a rank.
inline std::string word(std::uint64_t rank) {
  const std::uint64_t length =
      2 + below(3, rank, 0) + static_cast<std::uint64_t>(std::log2(1.0 + static_cast<double>(rank)) / 3);
  std::string letters;
  for (std::uint64_t i = 0; i < length; ++i) letters += static_cast<char>('a' + below(26, rank, i + 1));
  return letters;
}

/// The Chinese character of a rank.
inline std::string ideograph(std::uint64_t rank) {
  const auto code_point = static_cast<unsigned>(0x4e00 + rank);
  return {static_cast<char>(0xe0 | code_point >> 12), static_cast<char>(0x80 | (code_point >> 6 & 0x3f)),
          static_cast<char>(0x80 | (code_point & 0x3f))};
}

constexpr std::uint64_t english_words = 50'000;
constexpr std::uint64_t chinese_characters = 4'000;

struct English {
  static std::string token(std::uint64_t stream, std::uint64_t counter) {
    return word(zipf(english_words, stream, counter)) + (counter % 12 == 11 ? ". " : " ");
  }
};

struct Chinese {
  static std::string token(std::uint64_t stream, std::uint64_t counter) {
    return counter % 12 == 11 ? "，" : ideograph(zipf(chinese_characters, stream, counter));
  }
};

/// `bytes` of texts of `text_bytes`, of which each begins with `shared` bytes of the text before the one before it.
template <typename Language>
std::vector<std::string> texts(std::size_t bytes, std::size_t text_bytes, std::size_t shared = 0) {
  std::vector<std::string> made(bytes / text_bytes);
  for (std::size_t t = 0; t < made.size(); ++t) {
    if (t >= 2) made[t] = made[t - 2].substr(0, shared);
    for (std::uint64_t i = 0; made[t].size() < text_bytes; ++i) made[t] += Language::token(t, i);
  }
  return made;
}

}  // namespace farpoint::benchmarks
