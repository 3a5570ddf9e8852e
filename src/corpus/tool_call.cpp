// SPDX-License-Identifier: Apache-2.0
#include "tool_call.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "parse_json.hpp"

namespace farpoint::corpus {

namespace {

namespace ondemand = simdjson::ondemand;

/// The kind of the JSON value that the text is; nullopt when it is none.
std::optional<simdjson::dom::element_type> json_type(const simdjson::padded_string& text) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parse_json(parser, text, text.size() + simdjson::SIMDJSON_PADDING, root) != simdjson::SUCCESS)
    return std::nullopt;
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
  ToolCall call;
  std::optional<std::string> arguments;
  std::optional<std::string> parameters;
  bool others = false;
  for (ondemand::field field : document.get_object()) {
    const std::string_view key = field.unescaped_key();
    const std::string value = written_value(field.value());
    if (key == "name") {
      call.name = value;
    } else if (key == "id") {
      call.id = value;
    } else if (key == "arguments") {
      arguments = value;
    } else if (key == "parameters") {
      parameters = value;
    } else {
      others = true;
    }
  }
  if (!arguments) arguments = std::move(parameters);
  // What is called with may stand under a key that is not known here; as text the call keeps it.
  if (call.name.empty() || (!arguments && others)) return {"", std::string(text)};
  call.arguments = arguments.value_or("{}");
  return call;
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
