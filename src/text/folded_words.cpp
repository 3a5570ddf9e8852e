// SPDX-License-Identifier: Apache-2.0
#include "farpoint/text/folded_words.hpp"

#include "words.hpp"

namespace farpoint::text {

void append_folded_words(std::string_view utf8, std::vector<std::uint64_t>& hashes) {
  for_each_word(utf8, [&](const Word& word) { hashes.push_back(mixed(word.hash)); });
}

}  // namespace farpoint::text
