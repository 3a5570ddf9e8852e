// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace farpoint::corpus {

/// What a model calls. `arguments` is the JSON text of an object, or whatever else stood in their place.
struct ToolCall {
  std::string name;
  std::string arguments;
  std::string id = {};  ///< where the text says it
};

/// {"name": ..., "arguments": ...}; arguments that are not an object become a JSON string. What has no name is not a
/// call but text that stood in the place of one: its arguments as they are.
std::string tool_call_text(const ToolCall& call);

/// The reverse of tool_call_text, which leaves an id out. Some models say `parameters` instead of `arguments`;
/// `arguments` comes first, and a call that has neither and nothing else but an `id` has no arguments: {}. Text that is
/// no object with a name, or that has other keys in the place of both, is all arguments.
ToolCall parse_tool_call(std::string_view text);

/// ShareGPT may hold several calls in one turn, as a JSON list of objects: each as its own text. Anything else: the
/// text itself.
std::vector<std::string> split_tool_calls(std::string_view text);

}  // namespace farpoint::corpus
