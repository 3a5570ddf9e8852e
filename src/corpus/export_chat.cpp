// SPDX-License-Identifier: Apache-2.0
// ShareGPT and OpenAI messages: formats that are a list of turns.
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "export_formats.hpp"
#include "farpoint/corpus/convert.hpp"
#include "parse_json.hpp"
#include "tool_call.hpp"

namespace farpoint::corpus {

namespace {

using nlohmann::ordered_json;

std::string_view sharegpt_role(Role role) {
  switch (role) {
    case Role::system:
      return "system";
    case Role::user:
      return "human";
    case Role::assistant:
      return "gpt";
    case Role::tool_call:
      return "function_call";
    case Role::tool:
      return "observation";
  }
  return {};
}

/// The list of tools that the text holds. simdjson goes first because it bounds the depth: nlohmann writes recursively.
std::optional<ordered_json> tool_list(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parse_json(parser, text, text.size(), root) != simdjson::SUCCESS || !root.is_array()) return std::nullopt;
  return ordered_json::parse(text);
}

/// OpenAI wraps each function, ShareGPT has it bare. What is no list is kept as text.
ordered_json openai_tools(const std::string& text) {
  auto tools = tool_list(text);
  if (!tools) return text;
  for (ordered_json& tool : *tools) {
    if (!tool.is_object() || tool.contains("function")) continue;
    ordered_json bare = std::move(tool);
    tool = ordered_json{{"type", "function"}, {"function", std::move(bare)}};
  }
  return std::move(*tools);
}

std::string sharegpt_tools(const std::string& text) {
  auto tools = tool_list(text);
  if (!tools) return text;
  for (ordered_json& tool : *tools) {
    if (!tool.is_object() || !tool.contains("function")) continue;
    ordered_json bare = std::move(tool["function"]);
    tool = std::move(bare);
  }
  return tools->dump();
}

/// Gives calls an id, and each answer the id of its call: the record's own, else in the order of the calls.
class CallIds {
 public:
  std::string call(const Turn& turn) {
    waiting_.push_back(turn.call_id.empty() ? fmt::format("call_{}", count_) : turn.call_id);
    ++count_;
    return waiting_.back();
  }

  /// Empty when no call waits for an answer.
  std::string answer(const Turn& turn) {
    const auto own = std::find(waiting_.begin(), waiting_.end(), turn.call_id);
    const auto answered = turn.call_id.empty() ? waiting_.begin() : own;
    if (answered == waiting_.end()) return turn.call_id;
    std::string id = *answered;
    waiting_.erase(answered);
    return id;
  }

 private:
  std::deque<std::string> waiting_;
  std::size_t count_ = 0;
};

ordered_json openai_call(const Turn& turn, CallIds& ids) {
  ToolCall call = parse_tool_call(turn.text);
  return {{"id", ids.call(turn)},
          {"type", "function"},
          {"function", {{"name", std::move(call.name)}, {"arguments", std::move(call.arguments)}}}};
}

ordered_json tool_message(const Turn& turn, CallIds& ids) {
  ordered_json message = {{"role", "tool"}};
  if (std::string id = ids.answer(turn); !id.empty()) message["tool_call_id"] = std::move(id);
  if (!turn.name.empty()) message["name"] = turn.name;
  message["content"] = turn.text;
  return message;
}

/// Calls belong to the message that makes them: the assistant's turn before them, else one without content. A turn that
/// says nothing stays apart, because together with calls it would read as no turn.
void add_call(const Turn& turn, ordered_json& messages, CallIds& ids) {
  const bool joins =
      !messages.empty() && messages.back()["role"] == "assistant" && messages.back()["content"] != ordered_json("");
  if (!joins) messages.push_back({{"role", "assistant"}, {"content", nullptr}});
  messages.back()["tool_calls"].push_back(openai_call(turn, ids));
}

/// An entry a turn, but that calls join the message before them.
ordered_json message_list(std::span<const Turn> turns) {
  ordered_json messages = ordered_json::array();
  CallIds ids;
  for (const Turn& turn : turns) {
    switch (turn.role) {
      case Role::tool_call:
        add_call(turn, messages, ids);
        break;
      case Role::tool:
        messages.push_back(tool_message(turn, ids));
        break;
      default:
        messages.push_back({{"role", role_name(turn.role)}, {"content", turn.text}});
    }
  }
  return messages;
}

}  // namespace

std::string chat_messages(std::span<const Turn> turns) {
  return message_list(turns).dump();
}

ordered_json to_sharegpt(const Record& record) {
  std::span<const Turn> turns = record.turns;
  ordered_json conversations = ordered_json::array();
  ordered_json out;
  const bool system = !turns.empty() && turns.front().role == Role::system && !turns.front().text.empty();
  for (const Turn& turn : system ? turns.subspan(1) : turns) {
    ordered_json written = {{"from", sharegpt_role(turn.role)}, {"value", turn.text}};
    if (turn.role == Role::tool && !turn.name.empty()) written["name"] = turn.name;
    conversations.push_back(std::move(written));
  }
  out["conversations"] = std::move(conversations);
  if (system) out["system"] = turns.front().text;
  if (!record.tools.empty()) out["tools"] = sharegpt_tools(record.tools);
  return out;
}

ordered_json to_messages(const Record& record) {
  ordered_json out = {{"messages", message_list(record.turns)}};
  if (!record.tools.empty()) out["tools"] = openai_tools(record.tools);
  return out;
}

}  // namespace farpoint::corpus
