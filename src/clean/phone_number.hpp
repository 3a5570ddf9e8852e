// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "personal_match.hpp"

namespace farpoint::clean {

/// The phone number whose first digits are the run `run`; a plus sign or parenthesis before it belongs to the number.
std::optional<Span> find_phone(std::string_view text, Span run, std::size_t floor);

/// The same for numbers that begin with +, a country's calling code and `run`'s first digits (ITU-T E.164).
std::optional<Span> find_international_phone(std::string_view text, Span run, std::size_t floor);

}  // namespace farpoint::clean
