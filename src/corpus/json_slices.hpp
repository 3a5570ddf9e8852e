// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Parts of JSON as they are written, so that no number is changed by being read. All of it is for text that a parser
/// has accepted, and for single values of it, without white space around them.
namespace farpoint::corpus {

/// Bytes of the value at the front of `json`.
std::size_t value_length(std::string_view json);

/// What a string says, its quotes and escapes undone.
std::string unquoted(std::string_view string);

/// `text` as a JSON string, behind what `out` holds.
void append_quoted(std::string_view text, std::string& out);

/// The inside of the JSON string of `text`, valid UTF-8, as nlohmann-json writes it: that copies character by
/// character, which took a twelfth of cleaning, and half of an export.
void append_escaped(std::string_view text, std::string& out);

/// visit(value) for each element of an array.
template <typename Visit>
void for_each_element(std::string_view array, Visit visit);

/// visit(key with its quotes, value) for each member of an object, duplicates too.
template <typename Visit>
void for_each_member(std::string_view object, Visit visit);

inline std::size_t skip_space(std::string_view json, std::size_t at) {
  while (at < json.size() && (json[at] == ' ' || json[at] == '\n' || json[at] == '\t' || json[at] == '\r')) ++at;
  return at;
}

template <typename Visit>
void for_each_element(std::string_view array, Visit visit) {
  for (std::size_t at = skip_space(array, 1); at < array.size() && array[at] != ']';) {
    const auto value = array.substr(at, value_length(array.substr(at)));
    visit(value);
    at = skip_space(array, at + value.size());
    if (at < array.size() && array[at] == ',') at = skip_space(array, at + 1);
  }
}

template <typename Visit>
void for_each_member(std::string_view object, Visit visit) {
  for (std::size_t at = skip_space(object, 1); at < object.size() && object[at] != '}';) {
    const auto key = object.substr(at, value_length(object.substr(at)));
    at = skip_space(object, skip_space(object, at + key.size()) + 1);
    const auto value = object.substr(at, value_length(object.substr(at)));
    visit(key, value);
    at = skip_space(object, at + value.size());
    if (at < object.size() && object[at] == ',') at = skip_space(object, at + 1);
  }
}

}  // namespace farpoint::corpus
