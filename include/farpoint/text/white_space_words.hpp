// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace farpoint::text {

/// Appends a 64-bit hash for each word of a text, in the order of the text. Words are what stands between white space
/// (Unicode's property White_Space), punctuation included, with the case of each character folded (simple folding):
/// in most languages the words of Python's `text.lower().split()`. Characters of scripts that are written without
/// spaces (Han, kana, Thai and others) are words of their own. What is not UTF-8 counts as U+FFFD.
///
/// Equal words have equal hashes wherever they stand, and different ones different ones but for one pair in about 2^64,
/// unless someone looks for collisions. The values may change with the version of this library. Thread-safe; linear.
void append_word_hashes(std::string_view utf8, std::vector<std::uint64_t>& hashes);

}  // namespace farpoint::text
