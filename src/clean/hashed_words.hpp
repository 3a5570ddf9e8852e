// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace farpoint::clean {

/// A word, a line or a paragraph of a text.
struct HashedPart {
  std::uint64_t hash = 0;
  std::uint32_t characters = 0;
};

/// Replaces `words` by the words of `utf8` in their order, as WordBoundaries has them.
void read_words(std::string_view utf8, std::vector<HashedPart>& words);

}  // namespace farpoint::clean
