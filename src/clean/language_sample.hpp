// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace farpoint::clean {

/// The parts of a text by which its language is judged.
struct LanguageSample {
  /// Valid UTF-8 without control characters and non-characters: blanks instead. Without Han when is_chinese.
  std::string others;
  std::size_t other_letter_bytes = 0;  ///< of the letters in `others`
  std::size_t ascii_letter_bytes = 0;  ///< of those, in ASCII
  std::size_t han_bytes = 0;           ///< of Han characters, when is_chinese
  std::string rest;                    ///< of `others`, what CLD2 must read; not touched by take_sample()
  /// Whether there are Han characters, and hardly a kana: Japanese prose has one for every Han character.
  bool is_chinese = false;
};

/// Replaces `sample`. Reads at most 1.5 KiB.
void take_sample(std::string_view utf8, LanguageSample& sample);

}  // namespace farpoint::clean
