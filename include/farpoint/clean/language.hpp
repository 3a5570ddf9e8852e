// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace farpoint::clean {

/// The languages of one text. Codes are those of CLD2: ISO 639-1 where there is one ("en", "de"), else 639-3; both
/// written forms of Chinese are "zh".
struct Language {
  std::string code = "un";  ///< of the most of the text; "un" when unknown: too short, only digits or code
  /// The share of the text's letters in this language, from 0 to 1, in bytes; CLD2's percent / 100. 0 when unknown.
  /// CLD2 leaves a few hundredths to no language. Beside Chinese, letters of no known language (code, names) do not
  /// count.
  double confidence = 0;
  /// CLD2's own opinion: false when the text is short for what it is, when the second best language scored nearly as
  /// well, or when a fifth or more of the text is in no language that it knows. False when unknown.
  bool reliable = false;
  std::string second;            ///< the second language of a mixed text, or empty
  double second_confidence = 0;  ///< its share
};

/// Which languages plain text (no HTML) is written in, by CLD2 (Sites 2013, Compact Language Detector 2; about 80
/// languages).
///
/// Longer texts are judged by three windows of 1 KiB: their beginning, middle and end, cut at characters. Two cases are
/// decided without CLD2, which costs 45 ns a byte: Han characters beside (almost) no kana are Chinese, so a text that
/// mixes it with another language gets the shares of both; and text in which English function words that no other
/// language has are frequent throughout is English.
///
/// Thread-safe (CLD2 reads constant tables; each thread keeps a buffer of a few KiB). Never fails: bytes that are not
/// UTF-8, and control characters, are blanks.
Language detect_language(std::string_view utf8);

/// Whether the shares of the accepted languages sum to at least `min_confidence`, or the language is unknown: what is
/// short, code or numbers is not refused for its language. `accepted` has codes as in Language.
bool is_accepted(const Language& language, std::span<const std::string> accepted, double min_confidence);

}  // namespace farpoint::clean
