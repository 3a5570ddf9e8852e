// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace farpoint::clean {

/// Removes the lines that C4 does not keep (Raffel et al. 2020, "Exploring the Limits of Transfer Learning with a
/// Unified Text-to-Text Transformer", section 2.2): those that do not end with a terminal punctuation mark, have fewer
/// than five words, mention JavaScript, or speak of cookies and policies. What they are is as text_statistics() counts
/// them. Blank lines stay; in fenced blocks of code all lines do. Returns false, and leaves `out` alone, when every
/// line stays. Thread-safe; linear.
bool drop_noise_lines(std::string_view utf8, std::string& out);

}  // namespace farpoint::clean
