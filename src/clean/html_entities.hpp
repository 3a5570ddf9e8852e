// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace farpoint::clean {

/// A character reference at the begin of a text (HTML Standard, section 13.5), with its `;`.
struct CharacterReference {
  std::uint32_t code_point = 0;  ///< 0 if there is none, or one that stands for no character or for a control
  std::size_t bytes = 0;
};

/// Looks at some 20 bytes at most.
CharacterReference read_character_reference(std::string_view text);

}  // namespace farpoint::clean
