// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <string_view>

namespace farpoint::corpus {

/// parser.parse(), which also reads integers beyond 64 bits: as the nearest double. `capacity` says how many bytes from
/// `json.data()` on are readable; without simdjson's padding behind it the text is copied.
simdjson::error_code parse_json(simdjson::dom::parser& parser, std::string_view json, std::size_t capacity,
                                simdjson::dom::element& root);

}  // namespace farpoint::corpus
