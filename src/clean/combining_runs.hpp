// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace farpoint::clean {

/// Most combining marks in a row, as they are counted by the Stream-Safe Text Process: in the full compatibility
/// decomposition. The process itself says 30.
inline constexpr std::size_t most_combining_marks = 256;

/// The Stream-Safe Text Process (UAX #15, section 13) with a wider limit: sets `out` to the text with U+034F inserted
/// where more marks stand in a row, and returns true; false if there is no such place. Normalization changes nothing of
/// what has to be inserted where. Looks at one character in some hundred bytes, unless it is a mark.
bool limit_combining_runs(std::string_view utf8, std::string& out);

}  // namespace farpoint::clean
