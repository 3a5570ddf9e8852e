// SPDX-License-Identifier: Apache-2.0
#include "exact_sum.hpp"

#include <bit>
#include <cmath>

namespace farpoint::select {

namespace {

constexpr int piece_bits = 32;
constexpr std::uint64_t piece_mask = 0xFFFFFFFF;

}  // namespace

void ExactSum::add(double value) {
  constexpr int fraction_bits = 52;
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const auto exponent = static_cast<std::size_t>(bits >> fraction_bits & 0x7FF);
  const std::uint64_t fraction = bits & ((std::uint64_t{1} << fraction_bits) - 1);
  // A number is significand * 2^(place - 1074).
  const std::uint64_t significand = exponent == 0 ? fraction : fraction | std::uint64_t{1} << fraction_bits;
  const std::size_t place = exponent == 0 ? 0 : exponent - 1;
  const std::size_t shift = place % piece_bits;
  const std::uint64_t low = (significand & piece_mask) << shift;
  const std::uint64_t high = (significand >> piece_bits) << shift;
  const std::int64_t sign = (bits >> 63) != 0 ? -1 : 1;
  std::int64_t* piece = pieces.data() + place / piece_bits;
  piece[0] += sign * static_cast<std::int64_t>(low & piece_mask);
  piece[1] += sign * static_cast<std::int64_t>((low >> piece_bits) + (high & piece_mask));
  piece[2] += sign * static_cast<std::int64_t>(high >> piece_bits);
}

void ExactSum::carry() {
  for (std::size_t i = 0; i + 1 < size; ++i) {
    pieces[i + 1] += pieces[i] >> piece_bits;  // rounds down, also below zero
    pieces[i] &= static_cast<std::int64_t>(piece_mask);
  }
}

double ExactSum::mean(std::uint64_t count) const {
  ExactSum magnitude = *this;
  magnitude.carry();
  const bool is_negative = magnitude.pieces.back() < 0;
  if (is_negative) {
    for (std::int64_t& piece : magnitude.pieces) piece = -piece;
    magnitude.carry();
  }
  const auto piece = [&](std::size_t i) { return static_cast<std::uint64_t>(magnitude.pieces[i]); };
  std::size_t top = size - 1;
  while (top > 2 && piece(top) == 0) --top;
  // The highest 64 bits. What lies below only matters as more than nothing: 64 bits are more than rounding looks at.
  const int used = std::bit_width(piece(top));
  std::uint64_t window =
      piece(top) << (64 - used - 1) << 1 | piece(top - 1) << (piece_bits - used) | piece(top - 2) >> used;
  std::uint64_t rest = piece(top - 2) & ((std::uint64_t{1} << used) - 1);
  for (std::size_t i = 0; i + 2 < top; ++i) rest |= piece(i);
  if (rest != 0) window |= 1;
  const int exponent = static_cast<int>(top - 2) * piece_bits + used - 1074;
  const double sum = static_cast<double>(window);
  const double mean = std::ldexp(sum / static_cast<double>(count), exponent);
  return is_negative ? -mean : mean;
}

}  // namespace farpoint::select
