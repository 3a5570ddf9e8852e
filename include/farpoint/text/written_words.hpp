// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace farpoint::text {

/// A word as it stands in a text: the bytes [begin, end).
struct WrittenWord {
  std::uint64_t hash = 0;  ///< XXH3-64 of the bytes
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// Appends the words of `text` to `words`, in its order: what stands between white space (Unicode's White_Space), with
/// its punctuation and in its case; characters of scripts written without spaces (Han, kana, Thai and others) are words
/// of their own. Bytes that are not UTF-8 are part of the word that they stand in. So every byte is white space or in
/// one word. Linear in the bytes, whatever they are. Thread-safe. Throws Error for a text of 4 GiB or more.
void append_written_words(std::string_view text, std::vector<WrittenWord>& words);

}  // namespace farpoint::text
