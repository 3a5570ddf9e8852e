// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>

namespace farpoint::text {

/// Calls sink(word) for each word of `utf8` in order, as text: the words that the built-in embedding and HashedNgrams
/// read. They are runs of letters, digits and marks with case and full-width forms folded; characters of scripts
/// written without spaces, and pictographs, are words of their own; punctuation and bytes that are not UTF-8 separate.
/// A word is valid UTF-8, and valid until sink returns. Thread-safe; linear.
void for_each_folded_word(std::string_view utf8, const std::function<void(std::string_view word)>& sink);

}  // namespace farpoint::text
