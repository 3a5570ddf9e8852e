// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace farpoint::clean {

/// The languages of one text. Codes are those of CLD2: ISO 639-1 where there is one ("en", "de", and in its old form
/// "iw" for Hebrew, "jw" for Javanese), else 639-3 ("ceb"). Both written forms of Chinese are "zh".
struct Language {
  std::string code = "un";  ///< of most of the text; "un" when unknown: too short, only digits or code
  /// The share of the text's letters in this language, from 0 to 1, in bytes; 0 when unknown. Where CLD2 alone decides,
  /// its percent / 100: it leaves a few hundredths to no language. Beside what is certainly English or Chinese, letters
  /// of no known language (code, names) do not count.
  double confidence = 0;
  /// False where CLD2 calls its result unreliable: the text is short for what it is, the second best language scored
  /// nearly as well, less than half of the text is in the first language, or a fifth or more in none that it knows.
  /// False when unknown.
  bool reliable = false;
  std::string second;            ///< the second language of a mixed text, or empty
  double second_confidence = 0;  ///< its share
};

/// Which languages plain text (no HTML) is written in, by CLD2 (Sites 2013, Compact Language Detector 2; about 80
/// languages).
///
/// Longer texts are judged by three windows of 512 bytes: their beginning, middle and end, cut at characters. CLD2
/// costs about 45 ns a byte, so it reads only what is not certain at a glance. Han characters (eight at least) beside
/// hardly any kana are Chinese. Stretches of 32 words with many English function words are English. So a text that
/// mixes these with each other or a third language gets the shares of the first two.
///
/// Thread-safe: CLD2 reads constant tables, and each thread keeps a buffer of a few KiB. Never fails: bytes that are
/// not UTF-8, and control characters, are blanks. At most 0.2 ms for a text of any length.
Language detect_language(std::string_view utf8);

/// Whether the shares of the accepted languages sum to at least `min_confidence`, or the language is unknown: what is
/// short, code or numbers is not refused for its language. `accepted` has codes as in Language.
bool is_accepted(const Language& language, std::span<const std::string> accepted, double min_confidence);

}  // namespace farpoint::clean
