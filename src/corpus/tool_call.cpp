// SPDX-License-Identifier: Apache-2.0
#include "tool_call.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <nlohmann/json.hpp>

namespace farpoint::corpus {

namespace {

namespace ondemand = simdjson::ondemand;

/// The kind of the JSON value that the text is; nullopt when it is none.
std::optional<simdjson::dom::element_type> json_type(const simdjson::padded_string& text) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(text).get(root) != simdjson::SUCCESS) return std::nullopt;
  return root.type();
}

/// The value as it is written; of a string, what it says.
std::string written_value(ondemand::value value) {
  std::string_view text;
  if (value.type() == ondemand::json_type::string) {
    text = value.get_string();
  } else {
    text = simdjson::to_json_string(value);
  }
  return std::string(text);
}

}  // namespace

std::string tool_call_text(const ToolCall& call) {
  if (call.name.empty()) return call.arguments;
  const bool object = json_type(simdjson::padded_string(call.arguments)) == simdjson::dom::element_type::OBJECT;
  return fmt::format(R"({{"name": {}, "arguments": {}}})", nlohmann::json(call.name).dump(),
                     object ? call.arguments : nlohmann::json(call.arguments).dump());
}

ToolCall parse_tool_call(std::string_view text) {
  const simdjson::padded_string padded(text);
  // The on-demand parser below gives the arguments as they are written, but checks only what it walks over.
  if (json_type(padded) != simdjson::dom::element_type::OBJECT) return {"", std::string(text)};
  ondemand::parser parser;
  ondemand::document document = parser.iterate(padded);
  ToolCall call{"", "{}"};
  for (ondemand::field field : document.get_object()) {
    const std::string_view key = field.unescaped_key();
    if (key == "name") call.name = written_value(field.value());
    if (key == "arguments") call.arguments = written_value(field.value());
  }
  return call.name.empty() ? ToolCall{"", std::string(text)} : call;
}

std::vector<std::string> split_tool_calls(std::string_view text) {
  std::vector<std::string> calls;
  const simdjson::padded_string padded(text);
  if (json_type(padded) != simdjson::dom::element_type::ARRAY) return {std::string(text)};
  ondemand::parser parser;
  ondemand::document document = parser.iterate(padded);
  for (ondemand::value call : document.get_array()) {
    if (call.type() != ondemand::json_type::object) return {std::string(text)};
    calls.push_back(written_value(call));
  }
  return calls.empty() ? std::vector{std::string(text)} : calls;
}

}  // namespace farpoint::corpus
