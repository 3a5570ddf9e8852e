// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace farpoint::text {

/// Appends a hash of each word of `utf8` to `hashes`, in the order of the text. Words are those of the built-in
/// embedding: runs of letters, digits and marks with case and full-width forms folded; characters of scripts written
/// without spaces, and pictographs, are words of their own; punctuation is not read, and what is not UTF-8 separates
/// words. Hashes are spread over all 64 bits and are the same on every machine, given the same version of Unicode's
/// tables (ICU). Linear in the bytes. Thread-safe.
void append_folded_words(std::string_view utf8, std::vector<std::uint64_t>& hashes);

}  // namespace farpoint::text
