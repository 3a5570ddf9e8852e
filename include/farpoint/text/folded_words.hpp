// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

/// Words as the built-in embedding reads them: runs of letters, digits and marks with case and full-width forms folded;
/// characters of scripts written without spaces, and pictographs, are words of their own; punctuation is not read, and
/// what is not UTF-8 separates words. The same on every machine, given the same version of Unicode's tables (ICU).
/// Linear in the bytes. Thread-safe.
namespace farpoint::text {

/// Appends a hash of each word of `utf8` to `hashes`, in the order of the text. Hashes are spread over all 64 bits.
void append_folded_words(std::string_view utf8, std::vector<std::uint64_t>& hashes);

/// Calls sink(word) for each word, in the order of the text. A word is valid UTF-8, and valid until sink returns.
void for_each_folded_word(std::string_view utf8, const std::function<void(std::string_view word)>& sink);

}  // namespace farpoint::text
