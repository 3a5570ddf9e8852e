// SPDX-License-Identifier: Apache-2.0
// What attention multiplies: numbers of 32 bits, or pairs of bfloat16 where the processor has products of those. An
// item is what a lane holds of an operand: `depth` numbers that follow each other along the sum.
#pragma once

#include "kernel_lanes.hpp"

#if defined(__AVX512BF16__)
#include <immintrin.h>
#endif

namespace farpoint::models {

namespace {

/// Products and sums in float32, whatever lies in memory.
template <typename Number>
struct Float32Operands {
  using Element = Number;
  using Item = float;
  using Items = Lanes;
  static constexpr size_t depth = 1;

  /// The i-th of a token's head.
  static Item item(const Element* head, size_t i, size_t) { return read(head[i]); }

  /// The head of a token, zeros up to a multiple of `lanes`; null: zeros only.
  static void interleave(const Element* const (&tokens)[depth], size_t head_dim, Item* to) {
    for (size_t d = 0; d < padded(head_dim); d += lanes) {
      Lanes x{};
      if (tokens[0] != nullptr && d + lanes <= head_dim) {
        load(tokens[0] + d, x);
      } else if (tokens[0] != nullptr) {
        load_part(tokens[0] + d, head_dim - d, 0, x);
      }
      store(to + d, x);
    }
  }

  /// 2^x; 0 where that is all but nothing.
  static void exponentiate(Lanes& x) {
    const Lanes given = x;
    models::exponentiate(x);
    x = given < -126.0F ? Lanes{} : x;
  }

  static void store_panel(Lanes& x, Item* to) { store(to, x); }

  static void add_product(Item a, const Items& b, Lanes& sums) { sums += a * b; }
};

#if defined(__AVX512BF16__)
/// Products of bfloat16, weights of values too, and sums in float32.
struct Bf16Operands {
  using Element = uint16_t;
  using Item = uint32_t;
  using Items = Unsigned;
  static constexpr size_t depth = 2;

  static Item item(const Element* head, size_t i, size_t head_dim) {
    if (2 * i + 1 == head_dim) return head[2 * i];
    Item pair;
    __builtin_memcpy(&pair, head + 2 * i, sizeof(pair));
    return pair;
  }

  static void interleave(const Element* const (&tokens)[depth], size_t head_dim, Item* to) {
    for (size_t d = 0; d < padded(head_dim); d += lanes) {
      Unsigned low{};
      Unsigned high{};
      load_halves(tokens[0], d, head_dim, low);
      load_halves(tokens[1], d, head_dim, high);
      const Unsigned pairs = low | high << 16;
      __builtin_memcpy(to + d, &pairs, sizeof(pairs));
    }
  }

  /// 2^x to thirteen bits, of which bfloat16 keeps eight; 0 where that is nothing.
  static void exponentiate(Lanes& x) {
    const auto given = reinterpret_cast<__m512>(x);
    const auto whole = _mm512_roundscale_ps(given, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    const Lanes fraction = reinterpret_cast<Lanes>(_mm512_sub_ps(given, whole));
    // Least relative error of a polynomial of 2^f on [-1/2, 1/2]: 2^-13.7.
    Lanes power = Lanes{} + 5.517168e-2F;
    power = power * fraction + 2.426112e-1F;
    power = power * fraction + 6.932610e-1F;
    power = power * fraction + 9.999281e-1F;
    x = reinterpret_cast<Lanes>(_mm512_scalef_ps(reinterpret_cast<__m512>(power), whole));
  }

  /// Rounds x to bfloat16, too.
  static void store_panel(Lanes& x, Item* to) {
    const auto halves = reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(reinterpret_cast<__m512>(x)));
    __builtin_memcpy(to, &halves, sizeof(halves));
    x = reinterpret_cast<Lanes>(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
  }

  static void add_product(Item a, const Items& b, Lanes& sums) {
    const auto pair = _mm512_set1_epi32(static_cast<int>(a));
    sums = reinterpret_cast<Lanes>(_mm512_dpbf16_ps(reinterpret_cast<__m512>(sums), reinterpret_cast<__m512bh>(pair),
                                                    reinterpret_cast<__m512bh>(b)));
  }

 private:
  static void load_halves(const Element* head, size_t d, size_t head_dim, Unsigned& x) {
    if (head == nullptr) return;
    Halves halves{};
    __builtin_memcpy(&halves, head + d, (d + lanes <= head_dim ? lanes : head_dim - d) * sizeof(Element));
    x = __builtin_convertvector(halves, Unsigned);
  }
};
#endif

}  // namespace

}  // namespace farpoint::models
