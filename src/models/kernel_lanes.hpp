// SPDX-License-Identifier: Apache-2.0
// As many numbers at a time as a register holds, for the kernels that are compiled once for each kind of processor.
// Nothing here may come from the standard library: the linker could take its code, made for the newest processor, for
// the whole program.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "farpoint/base/register_lanes.hpp"

namespace farpoint::models {

namespace {

constexpr size_t lanes = register_lanes;
using Lanes = float __attribute__((vector_size(lanes * sizeof(float))));
using Integers = int32_t __attribute__((vector_size(lanes * sizeof(int32_t))));
using Unsigned = uint32_t __attribute__((vector_size(lanes * sizeof(uint32_t))));
using Halves = uint16_t __attribute__((vector_size(lanes * sizeof(uint16_t))));

constexpr float log2_e = 1.44269504088896341F;

constexpr size_t padded(size_t count) {
  return (count + lanes - 1) / lanes * lanes;
}

inline float read(float number) {
  return number;
}
inline float read(uint16_t bf16) {
  return __builtin_bit_cast(float, static_cast<uint32_t>(bf16) << 16);
}
inline void write(float& to, float number) {
  to = number;
}
inline void write(uint16_t& to, float number) {
  const uint32_t bits = __builtin_bit_cast(uint32_t, number);
  // To the nearest, ties to even; NaN stays NaN.
  to = number != number ? 0x7fc0 : static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

// From and to any address.
inline void load(const float* from, Lanes& x) {
  __builtin_memcpy(&x, from, sizeof(x));
}
inline void load(const uint16_t* from, Lanes& x) {
  Halves halves;
  __builtin_memcpy(&halves, from, sizeof(halves));
  x = reinterpret_cast<Lanes>(__builtin_convertvector(halves, Unsigned) << 16);
}
inline void store(float* to, const Lanes& x) {
  __builtin_memcpy(to, &x, sizeof(x));
}
inline void store(uint16_t* to, const Lanes& x) {
  const Unsigned bits = reinterpret_cast<Unsigned>(x);
  const Unsigned rounded = (bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16;
  const Halves halves = __builtin_convertvector(x == x ? rounded : Unsigned{} + 0x7fc0U, Halves);
  __builtin_memcpy(to, &halves, sizeof(halves));
}
/// `count` < lanes numbers; the others are `fill`.
template <typename Element>
inline void load_part(const Element* from, size_t count, float fill, Lanes& x) {
  for (size_t lane = 0; lane < lanes; ++lane) x[lane] = lane < count ? read(from[lane]) : fill;
}
template <typename Element>
inline void store_part(Element* to, size_t count, const Lanes& x) {
  for (size_t lane = 0; lane < count; ++lane) write(to[lane], x[lane]);
}

using Four = float __attribute__((vector_size(4 * sizeof(float))));
using Eight = float __attribute__((vector_size(8 * sizeof(float))));

template <typename Half, typename Numbers, typename Combine>
inline Half combine_halves(const Numbers& x, const Combine& combine) {
  Half halves[2];
  __builtin_memcpy(halves, &x, sizeof(x));
  return combine(halves[0], halves[1]);
}

/// combine(a, b) of the halves, the quarters and so on.
template <typename Combine>
inline float reduce(const Lanes& x, const Combine& combine) {
#if defined(__AVX512F__)
  const Four four = combine_halves<Four>(combine_halves<Eight>(x, combine), combine);
#elif defined(__AVX2__)
  const Four four = combine_halves<Four>(x, combine);
#else
  const Four& four = x;
#endif
  return combine(combine(four[0], four[2]), combine(four[1], four[3]));
}
inline float sum_of(const Lanes& x) {
  return reduce(x, [](const auto& a, const auto& b) { return a + b; });
}
inline float greatest_of(const Lanes& x) {
  return reduce(x, [](const auto& a, const auto& b) { return a > b ? a : b; });
}

/// 2^x to about one unit in the last place; what lies below 2^-126 becomes about that. For x below 127.
inline void exponentiate(Lanes& x) {
  constexpr float shift = 12582912.0F;  // 1.5 * 2^23: adding it rounds to whole numbers
  x = x < -126.0F ? Lanes{} - 126.0F : x;
  const Lanes shifted = x + shift;
  const Lanes fraction = x - (shifted - shift);
  // Minimax polynomial of 2^f on [-1/2, 1/2] (Cephes, exp2f).
  Lanes power = Lanes{} + 1.535336188319500e-4F;
  power = power * fraction + 1.339887440266574e-3F;
  power = power * fraction + 9.618437357674640e-3F;
  power = power * fraction + 5.550332471162809e-2F;
  power = power * fraction + 2.402264791363012e-1F;
  power = power * fraction + 6.931472028550421e-1F;
  power = power * fraction + 1.0F;
  const Integers exponent = reinterpret_cast<Integers>(shifted) << 23;
  x = reinterpret_cast<Lanes>(reinterpret_cast<Integers>(power) + exponent);
}

}  // namespace

}  // namespace farpoint::models
