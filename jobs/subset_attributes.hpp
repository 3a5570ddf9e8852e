// SPDX-License-Identifier: Apache-2.0
// jobs/subset_attributes.hpp: what a subset file says of itself.
#pragma once

#include <string>
#include <variant>

#include "farpoint/store/table_file.hpp"

namespace farpoint::jobs {

/// An attribute that is text; "" where there is none of this name, or it is a number.
inline std::string text_attribute(const store::TableFile& table, const std::string& name) {
  const auto attributes = table.attributes();
  const auto found = attributes.find(name);
  const auto* text = found == attributes.end() ? nullptr : std::get_if<std::string>(&found->second);
  return text == nullptr ? "" : *text;
}

}  // namespace farpoint::jobs
