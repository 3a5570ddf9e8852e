// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace farpoint::clean {

/// What marks a line as advertising, navigation or boilerplate: RE2 syntax, read without regard to case; ^ and $ are
/// the line's ends.
std::span<const std::string_view> advertisement_patterns();

}  // namespace farpoint::clean
