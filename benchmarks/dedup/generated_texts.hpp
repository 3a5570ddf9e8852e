// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "farpoint/base/random.hpp"

/// Made-up English: words drawn by Zipf's law, frequent ones short.
namespace farpoint::benchmarks {

inline std::string word(std::uint64_t stream, std::uint64_t counter) {
  constexpr double vocabulary = 50'000;
  const double uniform = static_cast<double>(random_bits(2, stream, counter) >> 11) * 0x1p-53;
  const auto rank = static_cast<std::uint64_t>(std::pow(vocabulary, uniform)) - 1;
  const std::uint64_t length =
      2 + random_bits(1, rank, 0) % 3 + static_cast<std::uint64_t>(std::log2(1.0 + static_cast<double>(rank)) / 3);
  std::string made;
  for (std::uint64_t i = 0; i < length; ++i) made += static_cast<char>('a' + random_bits(1, rank, i + 1) % 26);
  return made + (counter % 12 == 11 ? ". " : " ");
}

/// `bytes` of texts of `text_bytes`, of which each begins with `shared` bytes of the text before the one before it.
inline std::vector<std::string> texts(std::size_t bytes, std::size_t text_bytes, std::size_t shared = 0) {
  std::vector<std::string> made(bytes / text_bytes);
  for (std::size_t t = 0; t < made.size(); ++t) {
    if (t >= 2) made[t] = made[t - 2].substr(0, shared);
    for (std::uint64_t i = 0; made[t].size() < text_bytes; ++i) made[t] += word(t, i);
  }
  return made;
}

}  // namespace farpoint::benchmarks
