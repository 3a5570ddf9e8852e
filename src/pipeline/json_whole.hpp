// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <concepts>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "farpoint/base/error.hpp"

namespace farpoint::pipeline {

/// The value at `key` of a file that anybody may have changed: nlohmann turns every number into every other, and what
/// is beyond T is undefined then. Throws Error for what is no whole number or does not fit, and what `at` throws.
template <std::integral T>
T whole_number(const nlohmann::ordered_json& json, const std::string& key) {
  const auto& value = json.at(key);
  if (value.is_number_unsigned()) {
    if (const auto number = value.get<std::uint64_t>(); std::in_range<T>(number)) return static_cast<T>(number);
  } else if (value.is_number_integer()) {
    if (const auto number = value.get<std::int64_t>(); std::in_range<T>(number)) return static_cast<T>(number);
  }
  throw Error(fmt::format("'{}' is {}, which is no whole number from {} to {}", key, value.dump(),
                          std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
}

}  // namespace farpoint::pipeline
