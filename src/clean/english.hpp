// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace farpoint::clean {

/// Whether every part of `text` is English beyond doubt: in each stretch of 32 words, a tenth are function words that
/// are English alone. False for texts of less than 32 words. Not every English text passes; what does, CLD2 calls
/// English, too, and costs a tenth. Words are runs of ASCII letters.
bool is_plainly_english(std::string_view text);

}  // namespace farpoint::clean
