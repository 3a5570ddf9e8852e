// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include "roles.hpp"
#include "schemas.hpp"
#include "tool_call.hpp"

namespace farpoint::corpus {

namespace {

using simdjson::dom::element;

/// A turn nobody is known to have said cannot be trained on: no role, or one that is not in the list, is of the wrong
/// kind.
std::optional<Role> read_role(const Fields& turn, Key key, TurnBuilder& builder) {
  const auto role = role_of(builder.text(turn, key));
  if (!role) builder.reject();
  return role;
}

/// One turn for each call that the text holds.
void add_calls(std::string_view text, TurnBuilder& builder) {
  for (std::string& call : split_tool_calls(text)) {
    ToolCall parsed = parse_tool_call(call);
    Turn& turn = builder.add(Role::tool_call, std::move(call));
    turn.name = std::move(parsed.name);
    turn.call_id = std::move(parsed.id);
  }
}

/// An OpenAI call: {"name": ..., "arguments": JSON text, or an object}.
void add_openai_call(const Fields& function, std::string id, TurnBuilder& builder) {
  ToolCall call;
  call.name = builder.text(function, Key::name);
  if (function.has(Key::arguments)) {
    const element arguments = function.at(Key::arguments);
    call.arguments = arguments.is_object() ? simdjson::minify(arguments) : std::string(builder.text(arguments));
  }
  Turn& turn = builder.add(Role::tool_call, tool_call_text(call));
  turn.name = std::move(call.name);
  turn.call_id = std::move(id);
}

struct Content {
  std::string text;
  std::vector<std::string> calls;  ///< parts that are tool calls
};

void read_part(element part, Content& content, TurnBuilder& builder) {
  std::string text;
  if (part.is_string()) {
    text = builder.text(part);
  } else if (const auto fields = builder.object(part)) {
    text = builder.text(*fields, fields->has(Key::text) ? Key::text : Key::value);
    if (builder.text(*fields, Key::type) == "tool_call") return content.calls.push_back(std::move(text));
  }
  if (!content.text.empty() && !text.empty()) content.text += '\n';
  content.text += text;
}

/// Text, nothing, or a list of parts; parts without text, such as images, are passed over.
Content read_content(const Fields& message, TurnBuilder& builder) {
  Content content;
  if (!message.has(Key::content)) return content;
  if (!message.at(Key::content).is_array()) {
    content.text = builder.text(message, Key::content);
    return content;
  }
  builder.each(message, Key::content, [&](element part) { read_part(part, content, builder); });
  return content;
}

void add_message_calls(const Fields& message, const Content& content, TurnBuilder& builder) {
  for (const std::string& call : content.calls) add_calls(call, builder);
  builder.each_object(message, Key::tool_calls, [&](const Fields& call) {
    if (!call.has(Key::function)) return builder.reject();
    if (const auto function = builder.object(call.at(Key::function))) {
      add_openai_call(*function, builder.text(call, Key::id), builder);
    }
  });
  if (!message.has(Key::function_call)) return;
  if (const auto function = builder.object(message.at(Key::function_call))) add_openai_call(*function, {}, builder);
}

/// Some writers give every message a list of calls, an empty one where there is none. What is no list is met as a fault
/// when the calls are read.
bool holds_calls(const Fields& message) {
  if (message.has(Key::function_call)) return true;
  if (!message.has(Key::tool_calls)) return false;
  simdjson::dom::array calls;
  return message.at(Key::tool_calls).get(calls) != simdjson::SUCCESS || calls.size() > 0;
}

void read_message(const Fields& message, TurnBuilder& builder) {
  const auto role = read_role(message, Key::role, builder);
  if (!role) return;
  Content content = read_content(message, builder);
  if (*role == Role::tool_call) return add_calls(content.text, builder);
  const bool calls = !content.calls.empty() || holds_calls(message);
  // A message that only calls tools says nothing.
  if (!calls || !content.text.empty()) {
    Turn& turn = builder.add(*role, std::move(content.text));
    if (*role == Role::tool) {
      turn.name = builder.text(message, Key::name);
      turn.call_id = builder.text(message, Key::tool_call_id);
    }
  }
  if (calls) add_message_calls(message, content, builder);
}

void read_sharegpt_turn(const Fields& turn, TurnBuilder& builder) {
  const auto role = read_role(turn, Key::from, builder);
  if (!role) return;
  std::string text = builder.text(turn, Key::value);
  if (*role == Role::tool_call) return add_calls(text, builder);
  Turn& added = builder.add(*role, std::move(text));
  if (*role == Role::tool) added.name = builder.text(turn, Key::name);
}

}  // namespace

void read_messages(const Fields& fields, TurnBuilder& builder) {
  builder.say(Role::system, builder.text(fields, Key::system));
  builder.each_object(fields, Key::messages, [&](const Fields& message) { read_message(message, builder); });
}

void read_sharegpt(const Fields& fields, TurnBuilder& builder) {
  builder.say(Role::system, builder.text(fields, Key::system));
  builder.each_object(fields, Key::conversations, [&](const Fields& turn) { read_sharegpt_turn(turn, builder); });
}

void read_xtuner(const Fields& fields, TurnBuilder& builder) {
  builder.each_object(fields, Key::conversation, [&](const Fields& exchange) {
    builder.say(Role::system, builder.text(exchange, Key::system));
    builder.say(Role::user, builder.text(exchange, Key::input));
    builder.say(Role::assistant, builder.text(exchange, Key::output));
  });
}

}  // namespace farpoint::corpus
