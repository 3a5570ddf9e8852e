// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "personal_match.hpp"

namespace farpoint::clean {

/// The Chinese resident id or US social security number that begins with the run of digits `run`.
std::optional<Span> find_resident_number(std::string_view text, Span run, std::size_t floor);

}  // namespace farpoint::clean
