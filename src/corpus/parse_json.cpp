// SPDX-License-Identifier: Apache-2.0
#include "parse_json.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

namespace farpoint::corpus {

namespace {

bool is_integer(std::string_view token) {
  if (token.starts_with('-')) token.remove_prefix(1);
  return !token.empty() && token.find_first_not_of("0123456789") == std::string_view::npos;
}

bool fits_64_bits(std::string_view integer) {
  const auto fits = [&](auto value) {
    return std::from_chars(integer.data(), integer.data() + integer.size(), value).ec == std::errc();
  };
  return integer.starts_with('-') ? fits(std::int64_t{}) : fits(std::uint64_t{});
}

/// The same text with a fraction behind integers that do not fit 64 bits. Text that is not JSON stays so: a fraction
/// comes only where a whole number ends.
std::string with_large_integers_as_floats(std::string_view json) {
  std::string out;
  bool in_string = false;
  for (std::size_t at = 0; at < json.size();) {
    const std::size_t number_end = in_string ? at : json.find_first_not_of("+-.0123456789Ee", at);
    const std::string_view token = json.substr(at, std::max<std::size_t>(std::min(number_end, json.size()) - at, 1));
    at += token.size();
    out += token;
    if (is_integer(token) && !in_string && !fits_64_bits(token)) out += ".0";
    if (token == "\"") in_string = !in_string;
    // The byte behind a backslash ends no string.
    if (in_string && token == "\\" && at < json.size()) out += json[at++];
  }
  return out;
}

}  // namespace

simdjson::error_code parse_json(simdjson::dom::parser& parser, std::string_view json, std::size_t capacity,
                                simdjson::dom::element& root) {
  const bool copy = capacity < json.size() + simdjson::SIMDJSON_PADDING;
  const auto error = parser.parse(json.data(), json.size(), copy).get(root);
  // This release of simdjson says no more of a number than that it cannot hold it.
  if (error != simdjson::NUMBER_ERROR) return error;
  const std::string floats = with_large_integers_as_floats(json);
  return parser.parse(floats.data(), floats.size(), true).get(root);
}

}  // namespace farpoint::corpus
