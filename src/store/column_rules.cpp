// SPDX-License-Identifier: Apache-2.0
#include "column_rules.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "farpoint/base/error.hpp"

namespace farpoint::store {

namespace {

/// HDF5 skips empty parts and '.', so that two different names would mean one dataset.
bool plain_path(std::string_view name) {
  while (true) {
    const auto part = name.substr(0, name.find('/'));
    if (part.empty() || part == ".") return false;
    if (part.size() == name.size()) return true;
    name.remove_prefix(part.size() + 1);
  }
}

bool storable_name(std::string_view name) {
  return name.find('\0') == std::string_view::npos && is_utf8(name);
}

}  // namespace

bool consistent(const Strings& texts) {
  const auto& offsets = texts.offsets;
  return !offsets.empty() && offsets.front() == 0 && offsets.back() == texts.bytes.size() &&
         std::is_sorted(offsets.begin(), offsets.end());
}

void check_column(const Column& column) {
  if (!plain_path(column.name) || !storable_name(column.name)) {
    throw Error(fmt::format(
        "column name '{}': it must be UTF-8 parts, none of them empty or '.', with '/' between them", column.name));
  }
  if (const auto* texts = std::get_if<Strings>(&column.values)) {
    if (column.width != 0) throw Error(fmt::format("column '{}': texts have no row length", column.name));
    if (!consistent(*texts)) throw Error(fmt::format("column '{}': the texts' offsets do not fit", column.name));
    return;
  }
  const auto count = std::visit([](const auto& values) { return values.size(); }, column.values);
  if (column.width != 0 && count % column.width != 0) {
    throw Error(fmt::format("column '{}': {} values are not whole rows of {}", column.name, count, column.width));
  }
}

void check_attribute_name(std::string_view name) {
  if (name.empty() || !storable_name(name)) {
    throw Error(fmt::format("attribute name '{}': it must be UTF-8 text that is not empty", name));
  }
}

bool is_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

}  // namespace farpoint::store
