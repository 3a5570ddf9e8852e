// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "farpoint/base/error.hpp"
#include "tokenizer_abi.h"

namespace farpoint::tokenizer {

inline FarpointText to_abi(std::string_view text) {
  return {text.data(), text.size()};
}

/// Takes the string over; nothing where there is none.
inline std::optional<std::string> take(FarpointString string) {
  if (string.data == nullptr) return std::nullopt;
  const std::unique_ptr<FarpointString, void (*)(FarpointString*)> owner(
      &string, [](FarpointString* owned) { farpoint_string_free(*owned); });
  return std::string(string.data, string.size);
}

/// Throws an error that a function of the interface returned, if it did; `file` is what it is about.
inline void check(FarpointString error, std::string_view file) {
  if (const auto message = take(error)) throw Error(fmt::format("{}: {}", file, *message));
}

}  // namespace farpoint::tokenizer
