// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "farpoint/base/hash.hpp"

namespace farpoint::dedup {

/// What texts are compared by when differences in case and white space do not count: Unicode's full case folding, each
/// run of white space one blank, none at the ends. Valid UTF-8 gives valid UTF-8; ASCII runs at several hundred MB/s.
void fold(std::string_view utf8, std::string& out);

/// Of the text as it is, or of its fold(). `work` keeps its memory between calls.
Hash128 text_hash(std::string_view utf8, bool normalize, std::string& work);

}  // namespace farpoint::dedup
