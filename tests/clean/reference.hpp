// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "farpoint/clean/repetition.hpp"
#include "farpoint/clean/text_statistics.hpp"

namespace farpoint::clean::reference {

/// The obvious way to the same numbers: code points in strings, words and lines in vectors, counts in maps.

/// Sequences that are not UTF-8 become one value beyond Unicode each, which tells them apart.
std::u32string decoded(std::string_view utf8);
std::vector<std::u32string> words(std::string_view utf8);
/// Split at "\n", white space around them removed; with the empty ones.
std::vector<std::u32string> lines(std::string_view utf8);
TextStatistics text_statistics(std::string_view utf8);
Repetition repetition(std::string_view utf8, const RepetitionParts& parts);

}  // namespace farpoint::clean::reference
