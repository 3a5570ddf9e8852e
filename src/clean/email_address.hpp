// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "personal_match.hpp"

namespace farpoint::clean {

/// The e-mail address around the @ at `at`.
std::optional<Span> find_email(std::string_view text, std::size_t at, std::size_t floor);

/// The e-mail address whose local part goes on, or begins, in `number`, such as 13812345678@host.org.
std::optional<Span> find_email_of_number(std::string_view text, Span number, std::size_t floor);

}  // namespace farpoint::clean
