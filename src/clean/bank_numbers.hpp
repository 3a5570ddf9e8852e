// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "personal_match.hpp"

namespace farpoint::clean {

/// The number of a payment card that begins with the run of digits `run`.
std::optional<Span> find_card(std::string_view text, Span run, std::size_t floor);

/// The IBAN whose check digits begin the run of digits `run`.
std::optional<Span> find_iban(std::string_view text, Span run, std::size_t floor);

}  // namespace farpoint::clean
