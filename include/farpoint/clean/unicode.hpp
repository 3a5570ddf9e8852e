// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace farpoint::clean {

/// Normalization forms of UAX #15. NFKC also replaces compatibility characters: full-width letters, ligatures,
/// superscripts.
enum class NormalForm { none, nfc, nfkc };

/// One spelling for one text: CRLF and lone CR become newlines; all other control characters (C0, DEL, C1) but tab and
/// newline go, and so do U+200B, U+2060 and U+FEFF, which nobody sees; then the text is normalized. The joiners U+200C
/// and U+200D stay, as scripts and emoji need them. Sets `out` and returns true; returns false, and leaves `out` alone,
/// when nothing changes.
///
/// Behind each 256 combining marks in a row that are not the last, U+034F is inserted, unless `form` is none: the
/// Stream-Safe Text Process (UAX #15, section 13) with a wider limit, without which ordering marks costs the square of
/// their number. No language has more than a few.
///
/// Bytes that are not UTF-8 become U+FFFD where a text has to be normalized, and else stay. With UTF-8, doing it twice
/// changes nothing more. O(bytes). Thread-safe on an `out` that no other thread has; `utf8` must not lie in `out`.
bool normalize_unicode(std::string_view utf8, NormalForm form, std::string& out);

}  // namespace farpoint::clean
