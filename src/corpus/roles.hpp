// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "farpoint/corpus/record.hpp"

namespace farpoint::corpus {

/// ShareGPT's and OpenAI's names together: each list occurs with the other's.
inline constexpr std::array<std::pair<std::string_view, Role>, 14> role_names = {{{"human", Role::user},
                                                                                  {"user", Role::user},
                                                                                  {"gpt", Role::assistant},
                                                                                  {"assistant", Role::assistant},
                                                                                  {"chatgpt", Role::assistant},
                                                                                  {"bing", Role::assistant},
                                                                                  {"bard", Role::assistant},
                                                                                  {"system", Role::system},
                                                                                  {"developer", Role::system},
                                                                                  {"function_call", Role::tool_call},
                                                                                  {"tool_call", Role::tool_call},
                                                                                  {"observation", Role::tool},
                                                                                  {"tool", Role::tool},
                                                                                  {"function", Role::tool}}};

inline std::optional<Role> role_of(std::string_view name) {
  const auto* found =
      std::find_if(role_names.begin(), role_names.end(), [&](const auto& role) { return role.first == name; });
  if (found == role_names.end()) return std::nullopt;
  return found->second;
}

}  // namespace farpoint::corpus
