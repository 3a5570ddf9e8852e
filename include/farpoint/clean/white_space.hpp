// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace farpoint::clean {

/// Blanks at the ends of lines go (a CR there too), a row of blanks within a line becomes one space, of blank lines in
/// a row one is left, and none at the begin and the end of the text. Blanks are spaces, tabs, and Unicode's spaces,
/// such as the no-break and the ideographic one, each of which becomes a space; a tab that stands alone stays, for it
/// may divide columns. The indentation of lines stays, for it may be code's; fenced code blocks of Markdown are copied
/// as they are. Sets `out` and returns true; returns false, and leaves `out` alone, when nothing changes.
///
/// Doing it twice changes nothing more. O(bytes). Thread-safe on an `out` that no other thread has; `utf8` must not lie
/// in `out`.
bool tidy_white_space(std::string_view utf8, std::string& out);

}  // namespace farpoint::clean
