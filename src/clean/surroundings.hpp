// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

/// What stands around a match and decides whether it is one. Each looks at a bounded number of bytes.
namespace farpoint::clean {

/// Neither a letter (of a script with upper and lower case), a digit nor an underscore stands before, or at, `at`.
bool is_free_before(std::string_view text, std::size_t at);
bool is_free_behind(std::string_view text, std::size_t at);

/// Also: what stands there does not make the digits a part of a larger number, a sum of money, a formula or a name.
/// `floor`: the end of the match before, behind which a comma or slash continues a list.
bool may_begin_number(std::string_view text, std::size_t at, std::size_t floor);
bool may_end_number(std::string_view text, std::size_t at);

/// Whether a unit such as 元 or 万 follows, so that the number is an amount.
bool is_before_unit(std::string_view text, std::size_t at);

/// Whether a URL has begun before `at` and goes on. Looks 256 bytes back.
bool is_in_url(std::string_view text, std::size_t at);

/// Whether the numbers with dots at `at` are those of a version or a section: behind "version", "build", "版本", "§".
bool is_behind_version_word(std::string_view text, std::size_t at);

/// Whether `at` heads its line, but for blanks, # and *.
bool is_at_line_start(std::string_view text, std::size_t at);

}  // namespace farpoint::clean
