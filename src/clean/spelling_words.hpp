// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

namespace farpoint::clean {

/// The words of a text that a dictionary can be asked for, in order; spelling.hpp says which these are. Views into
/// `utf8`. An apostrophe within a word may be ' or ’. Linear.
std::vector<std::string_view> words_to_spell(std::string_view utf8);

}  // namespace farpoint::clean
