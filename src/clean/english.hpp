// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace farpoint::clean {

/// Takes what is English beyond doubt out of `text`: stretches of 32 words of which a quarter are English function
/// words, one at least of those that no other language has, and that have hardly anything beyond ASCII. What is left is
/// appended to `rest`. Returns how many letters were taken. What this takes for English, CLD2 does, too, at twenty
/// times the cost. Words are runs of ASCII letters.
std::size_t take_english(std::string_view text, std::string& rest);

}  // namespace farpoint::clean
