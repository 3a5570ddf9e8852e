// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "hashed_words.hpp"

namespace farpoint::clean {

/// Replaces `lines` by the lines of `utf8`, without white space around them, but for empty ones.
void read_lines(std::string_view utf8, std::vector<HashedPart>& lines);

/// Replaces `paragraphs` by the rows of lines between empty ones.
void read_paragraphs(std::string_view utf8, std::vector<HashedPart>& paragraphs);

}  // namespace farpoint::clean
