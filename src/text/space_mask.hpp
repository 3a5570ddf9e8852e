// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace farpoint::text {

/// What the first 64 bytes of a text are, a bit a byte. Bytes behind its end are neither.
struct ByteMasks {
  static constexpr std::size_t width = 64;
  std::uint64_t white_space = 0;  ///< of ASCII: space, tab, line feed, vertical tab, form feed, carriage return
  std::uint64_t not_ascii = 0;
};

namespace detail {

#if defined(__SSE2__)

inline ByteMasks full_byte_masks(std::span<const char, ByteMasks::width> bytes) {
  ByteMasks masks;
  for (std::size_t part = 0; part < 4; ++part) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes.data() + 16 * part));
    // Signed comparisons: bytes from 0x80 on are below 9.
    const __m128i control =
        _mm_and_si128(_mm_cmpgt_epi8(block, _mm_set1_epi8(8)), _mm_cmplt_epi8(block, _mm_set1_epi8(14)));
    const __m128i space = _mm_or_si128(control, _mm_cmpeq_epi8(block, _mm_set1_epi8(' ')));
    masks.white_space |= static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_movemask_epi8(space)))
                         << (16 * part);
    masks.not_ascii |= static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_movemask_epi8(block))) << (16 * part);
  }
  return masks;
}

#else

inline ByteMasks full_byte_masks(std::span<const char, ByteMasks::width> bytes) {
  ByteMasks masks;
  for (std::size_t i = 0; i < ByteMasks::width; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    masks.white_space |= static_cast<std::uint64_t>(byte == ' ' || (byte >= 9 && byte <= 13)) << i;
    masks.not_ascii |= static_cast<std::uint64_t>(byte >= 0x80) << i;
  }
  return masks;
}

#endif

}  // namespace detail

inline ByteMasks byte_masks(std::string_view text) {
  if (text.size() >= ByteMasks::width) return detail::full_byte_masks(std::span(text).first<ByteMasks::width>());
  std::array<char, ByteMasks::width> padded;
  padded.fill('.');
  std::memcpy(padded.data(), text.data(), text.size());
  return detail::full_byte_masks(padded);
}

}  // namespace farpoint::text
