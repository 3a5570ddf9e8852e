// SPDX-License-Identifier: Apache-2.0
#include "window_hash.hpp"

#include <algorithm>

#include "mixed.hpp"

namespace farpoint::dedup {

namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t prime = (std::uint64_t{1} << 61) - 1;
// From the digits of pi and of e, in hexadecimal, modulo the prime.
constexpr std::uint64_t high_point = 0x043f6a8885a308d4ULL;
constexpr std::uint64_t low_point = 0x17e151628aed2a6fULL;

/// For x below 2^64.
std::uint64_t reduced(std::uint64_t x) {
  x = (x & prime) + (x >> 61);
  return x >= prime ? x - prime : x;
}

std::uint64_t product(std::uint64_t a, std::uint64_t b) {
  const Wide wide = static_cast<Wide>(a) * b;
  return reduced((static_cast<std::uint64_t>(wide) & prime) + static_cast<std::uint64_t>(wide >> 61));
}

std::uint64_t difference(std::uint64_t a, std::uint64_t b) {
  return a >= b ? a - b : a + prime - b;
}

}  // namespace

WindowHash::WindowHash(std::size_t words) : size_(words), oldest_factor_{1, 1} {
  for (std::size_t i = 1; i < words; ++i) {
    oldest_factor_ = {product(oldest_factor_.high, high_point), product(oldest_factor_.low, low_point)};
  }
}

void WindowHash::begin(std::string_view text, std::span<const text::WrittenWord> words) {
  text_ = text;
  words_ = words;
  values_.resize(std::max(values_.size(), words.size()));
  first_ = end_ = 0;
  sum_ = {};
}

Hash128 WindowHash::of(std::size_t window) {
  if (window >= end_) {
    first_ = end_ = window;
    sum_ = {};
  }
  while (end_ < window + size_) {
    if (end_ - first_ == size_) leave();
    enter();
  }
  // Mixing keeps different hashes apart, and spreads them over the owners.
  return {mixed(sum_.high), sum_.low};
}

void WindowHash::enter() {
  const auto& word = words_[end_];
  const Hash128 hash = hash128(text_.substr(word.begin, word.end - word.begin));
  const Value value{reduced(hash.high), reduced(hash.low)};
  sum_.high = reduced(product(sum_.high, high_point) + value.high);
  sum_.low = reduced(product(sum_.low, low_point) + value.low);
  values_[end_++] = value;
}

void WindowHash::leave() {
  const Value value = values_[first_++];
  sum_.high = difference(sum_.high, product(value.high, oldest_factor_.high));
  sum_.low = difference(sum_.low, product(value.low, oldest_factor_.low));
}

}  // namespace farpoint::dedup
