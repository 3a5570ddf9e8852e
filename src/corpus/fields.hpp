// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <simdjson.h>

#include <array>
#include <cstdint>
#include <string_view>

namespace farpoint::corpus {

/// Every key that any schema reads, in the order of key_names.
enum class Key : std::uint8_t {
  // records
  messages,
  conversations,
  conversation,
  instruction,
  input,
  output,
  response,
  system,
  history,
  tools,
  prompt,
  completion,
  question,
  answer,
  text,
  passage,
  options,
  label,
  // turns and tool calls
  from,
  value,
  role,
  content,
  tool_calls,
  function_call,
  tool_call_id,
  name,
  id,
  function,
  arguments,
  type
};

inline constexpr std::array<std::string_view, 30> key_names = {
    "messages",     "conversations", "conversation", "instruction", "input",      "output",
    "response",     "system",        "history",      "tools",       "prompt",     "completion",
    "question",     "answer",        "text",         "passage",     "options",    "label",
    "from",         "value",         "role",         "content",     "tool_calls", "function_call",
    "tool_call_id", "name",          "id",           "function",    "arguments",  "type"};

/// The known fields of one JSON object. Of duplicate keys the last counts, and null counts as absent.
class Fields {
 public:
  explicit Fields(simdjson::dom::object object) {
    for (const auto [name, value] : object) set(name, value);
  }

  bool has(Key key) const { return (present_ & bit(key)) != 0; }
  /// Only for keys that it has.
  simdjson::dom::element at(Key key) const { return values_[static_cast<std::size_t>(key)]; }

 private:
  static std::uint32_t bit(Key key) { return std::uint32_t{1} << static_cast<unsigned>(key); }

  void set(std::string_view name, simdjson::dom::element value) {
    for (std::size_t i = 0; i < key_names.size(); ++i) {
      if (key_names[i] != name) continue;
      const std::uint32_t mask = std::uint32_t{1} << i;
      present_ = value.is_null() ? present_ & ~mask : present_ | mask;
      values_[i] = value;
      return;
    }
  }

  std::uint32_t present_ = 0;
  std::array<simdjson::dom::element, key_names.size()> values_;
};

}  // namespace farpoint::corpus
