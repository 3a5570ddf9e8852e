// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <limits>
#include <string_view>
#include <vector>

namespace farpoint::clean {

/// Cuts a text into sentences, in order; at most the first `most`. A sentence ends behind . ! ? … (and closing quotes
/// or brackets) before white space, behind 。！？ wherever they stand, and at the end of a line. A full stop does not
/// end one behind an abbreviation ("Dr.", "e.g."), an initial or the number of a list's item, nor before a small
/// letter. Lines that were wrapped are cut where they are. White space around sentences is left out, and so are empty
/// ones. The views are into `utf8`. Linear; bytes that are not UTF-8 are as letters.
std::vector<std::string_view> sentences(std::string_view utf8,
                                        std::size_t most = std::numeric_limits<std::size_t>::max());

}  // namespace farpoint::clean
