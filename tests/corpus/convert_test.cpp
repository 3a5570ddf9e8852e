// SPDX-License-Identifier: Apache-2.0
#include "farpoint/corpus/convert.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "farpoint/base/error.hpp"

namespace farpoint::corpus {
namespace {

using nlohmann::json;

Record parsed(const std::string& text) {
  auto result = RecordParser().parse(text);
  if (const Fault* fault = std::get_if<Fault>(&result)) {
    ADD_FAILURE() << fault_name(*fault) << ": " << text;
    return {};
  }
  return std::get<Record>(std::move(result));
}

std::string converted(const std::string& text, ExportFormat format) {
  return convert(parsed(text), text, format);
}

/// What a tool conversation must keep on its way.
std::vector<std::string> content(const Record& record) {
  std::vector<std::string> turns;
  for (const Turn& turn : record.turns) {
    turns.push_back(std::string(role_name(turn.role)) + "|" + turn.name + "|" + turn.text);
  }
  return turns;
}

struct Conversion {
  ExportFormat format;
  std::string in;
  std::string out;
};

void expect_conversions(const std::vector<Conversion>& conversions) {
  for (const Conversion& c : conversions) EXPECT_EQ(converted(c.in, c.format), c.out) << c.in;
}

TEST(Convert, IsWrittenAsTheLibraryWritesIt) {
  std::string text = "\x7F\u00e9\U0001F600/";
  for (char c = 0; c < 0x20; ++c) text += c;
  text += "\"\\";
  const json call = {{"name", text},
                     {"arguments", {{text, {1.5, -2, true, nullptr, text, json::array(), json::object()}}}}};
  const json record = {{"conversations",
                        {{{"from", "human"}, {"value", text}},
                         {{"from", "function_call"}, {"value", call.dump()}},
                         {{"from", "gpt"}, {"value", text + text}}}},
                       {"tools", json::array({call}).dump()}};
  for (const auto format : {ExportFormat::alpaca, ExportFormat::xtuner, ExportFormat::messages}) {
    const auto line = converted(record.dump(), format);
    EXPECT_EQ(line, nlohmann::ordered_json::parse(line).dump());
    EXPECT_NE(line.find(R"(\b\t\n\u000b\f\r)"), std::string::npos) << line;
  }
}

TEST(Convert, SameSchemaKeepsEveryFieldAsWritten) {
  expect_conversions({
      {ExportFormat::alpaca,
       "{ \"instruction\": \"a  \\u00e9\",\n\t\"output\" :\"b\", \"id\": 1.50, \"x\": [ 1, { } ] }",
       R"({"instruction":"a  \u00e9","output":"b","id":1.50,"x":[1,{}]})"},
      {ExportFormat::sharegpt, R"({"conversations": [{"from": "human", "value": "a", "w": 1}], "id": 7})",
       R"({"conversations":[{"from":"human","value":"a","w":1}],"id":7})"},
      {ExportFormat::messages, R"({"messages": [{"role": "user", "content": [{"type": "text", "value": "hi"}]}]})",
       R"({"messages":[{"role":"user","content":[{"type":"text","value":"hi"}]}]})"},
      {ExportFormat::xtuner, R"({"conversation": [{"input": "a", "need": true}]})",
       R"({"conversation":[{"input":"a","need":true}]})"},
  });
}

TEST(Convert, JsonlKeepsAnyRecordEvenWithoutText) {
  expect_conversions({{ExportFormat::jsonl, R"({"text": "a", "n": {"b": " c "}})", R"({"text":"a","n":{"b":" c "}})"}});
  Record vectors;
  vectors.schema = Schema::vectors;

  EXPECT_EQ(convert(vectors, "{\"id\": 4}", ExportFormat::jsonl), R"({"id":4})");
}

TEST(Convert, RecordWithoutTextIsAnErrorThatNamesIt) {
  Record vectors;
  vectors.schema = Schema::vectors;
  for (const auto format :
       {ExportFormat::alpaca, ExportFormat::sharegpt, ExportFormat::messages, ExportFormat::xtuner}) {
    try {
      convert(vectors, "{\"id\": 4}", format);
      ADD_FAILURE() << "no error";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("{\"id\": 4}"), std::string::npos) << error.what();
    }
  }
}

TEST(Convert, WritesOneExchange) {
  const std::string record = R"({"question":"é \"1+1\"?\n","answer":"2","id":3})";
  expect_conversions({
      {ExportFormat::alpaca, record, R"({"instruction":"é \"1+1\"?\n","input":"","output":"2"})"},
      {ExportFormat::sharegpt, record,
       R"({"conversations":[{"from":"human","value":"é \"1+1\"?\n"},{"from":"gpt","value":"2"}]})"},
      {ExportFormat::messages, record,
       R"({"messages":[{"role":"user","content":"é \"1+1\"?\n"},{"role":"assistant","content":"2"}]})"},
      {ExportFormat::xtuner, record, R"({"conversation":[{"input":"é \"1+1\"?\n","output":"2"}]})"},
  });
}

TEST(Convert, WritesSystemAndHistory) {
  const std::string messages =
      R"({"messages":[{"role":"system","content":"s"},{"role":"user","content":"a"},{"role":"assistant","content":"b"},)"
      R"({"role":"user","content":"c"},{"role":"assistant","content":"d"}]})";
  expect_conversions({
      {ExportFormat::alpaca, messages,
       R"({"instruction":"c","input":"","output":"d","system":"s","history":[["a","b"]]})"},
      {ExportFormat::sharegpt, messages,
       R"({"conversations":[{"from":"human","value":"a"},{"from":"gpt","value":"b"},{"from":"human","value":"c"},)"
       R"({"from":"gpt","value":"d"}],"system":"s"})"},
      {ExportFormat::xtuner, messages,
       R"({"conversation":[{"system":"s","input":"a","output":"b"},{"input":"c","output":"d"}]})"},
  });
}

TEST(Convert, AlpacaPairsTurnsThatDoNotAlternate) {
  expect_conversions({
      {ExportFormat::alpaca, R"({"text":"a document"})", R"({"instruction":"a document","input":"","output":""})"},
      {ExportFormat::alpaca,
       R"({"conversations":[{"from":"gpt","value":"hi"},{"from":"human","value":"a"},)"
       R"({"from":"human","value":"b"},{"from":"gpt","value":"c"},{"from":"gpt","value":"d"}]})",
       R"({"instruction":"a\nb","input":"","output":"c\nd","history":[["","hi"]]})"},
      {ExportFormat::alpaca,
       R"({"conversations":[{"from":"human","value":"a"},{"from":"gpt","value":"b"},)"
       R"({"from":"system","value":"s"},{"from":"human","value":"c"}]})",
       R"({"instruction":"s\nc","input":"","output":"","history":[["a","b"]]})"},
  });
}

TEST(Convert, AlpacaHoldsToolTurnsAsTaggedText) {
  expect_conversions({
      {ExportFormat::alpaca,
       R"({"conversations":[{"from":"human","value":"q"},{"from":"function_call","value":"{\"name\": \"f\"}"},)"
       R"({"from":"observation","value":"4","name":"f"},{"from":"observation","value":"5"},{"from":"gpt","value":"a"}],)"
       R"("tools":"[]"})",
       R"({"instruction":"<tool_response>{\"name\":\"f\",\"content\":\"4\"}</tool_response>\n)"
       R"(<tool_response>5</tool_response>","input":"","output":"a",)"
       R"("history":[["q","<tool_call>{\"name\": \"f\"}</tool_call>"]],"tools":"[]"})"},
  });
}

TEST(Convert, ShareGptCallsBecomeOpenAiToolCalls) {
  const std::string sharegpt =
      R"({"conversations":[{"from":"human","value":"q"},)"
      R"({"from":"function_call","value":"{\"name\": \"f\", \"arguments\": {\"x\": 1.50, \"y\": [\"漢\"]}}"},)"
      R"({"from":"function_call","value":"{\"name\": \"g\", \"arguments\": {}}"},)"
      R"({"from":"observation","value":"4"},{"from":"observation","value":"5"},{"from":"gpt","value":"a"}],)"
      R"("tools":"[{\"name\": \"f\", \"parameters\": {}}]"})";

  const json out = json::parse(converted(sharegpt, ExportFormat::messages));

  EXPECT_EQ(out, json::parse(R"({"messages":[{"role":"user","content":"q"},
    {"role":"assistant","content":null,"tool_calls":[
      {"id":"call_0","type":"function","function":{"name":"f","arguments":"{\"x\": 1.50, \"y\": [\"漢\"]}"}},
      {"id":"call_1","type":"function","function":{"name":"g","arguments":"{}"}}]},
    {"role":"tool","tool_call_id":"call_0","content":"4"},{"role":"tool","tool_call_id":"call_1","content":"5"},
    {"role":"assistant","content":"a"}],
    "tools":[{"type":"function","function":{"name":"f","parameters":{}}}]})"));
}

TEST(Convert, OpenAiToolCallsBecomeShareGptCalls) {
  const std::string messages =
      R"({"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"so","tool_calls":[)"
      R"({"id":"1","type":"function","function":{"name":"f","arguments":"{\"x\": 1.50}"}},)"
      R"({"id":"2","type":"function","function":{"name":"g","arguments":"not json"}}]},)"
      R"({"role":"tool","tool_call_id":"2","name":"g","content":"4"}],)"
      R"("tools":[{"type":"function","function":{"name":"f"}}]})";

  const json out = json::parse(converted(messages, ExportFormat::sharegpt));

  EXPECT_EQ(out, json::parse(R"({"conversations":[{"from":"human","value":"q"},{"from":"gpt","value":"so"},
    {"from":"function_call","value":"{\"name\": \"f\", \"arguments\": {\"x\": 1.50}}"},
    {"from":"function_call","value":"{\"name\": \"g\", \"arguments\": \"not json\"}"},
    {"from":"observation","value":"4","name":"g"}],"tools":"[{\"name\":\"f\"}]"})"));
}

TEST(Convert, KeepsCallIdsAndAnswersThatComeOutOfOrder) {
  Record record =
      parsed(R"({"messages":[{"role":"assistant","content":"x","tool_calls":[{"id":"1","function":{"name":"f"}},)"
             R"({"id":"2","function":{"name":"g"}}]},{"role":"tool","tool_call_id":"2","content":"b"},)"
             R"({"role":"tool","content":"a"},{"role":"tool","content":"c"}]})");
  record.schema = Schema::mapped;  // else the original would be written

  const json messages = json::parse(convert(record, "", ExportFormat::messages))["messages"];

  EXPECT_EQ(messages[0]["tool_calls"][1]["id"], "2");
  EXPECT_EQ(messages[1]["tool_call_id"], "2");
  EXPECT_EQ(messages[2]["tool_call_id"], "1");
  EXPECT_FALSE(messages[3].contains("tool_call_id"));
}

/// What OpenAI's `tool_calls` hold for the text of a ShareGPT call.
json openai_call(const std::string& text) {
  const json record = {
      {"conversations", {{{"from", "human"}, {"value", "q"}}, {{"from", "function_call"}, {"value", text}}}}};
  return json::parse(converted(record.dump(), ExportFormat::messages))["messages"][1]["tool_calls"][0];
}

TEST(Convert, FindsTheArgumentsOfACall) {
  for (const auto& [text, name, arguments] : std::vector<std::array<std::string, 3>>{
           {R"({"name":"f","parameters":{"x":1.50}})", "f", R"({"x":1.50})"},
           {R"({"parameters":{"x":1},"arguments":{"y":2},"name":"f"})", "f", R"({"y":2})"},
           {R"({"name":"f","arguments":{"x":18446744073709551616}})", "f", R"({"x":18446744073709551616})"},
           {R"({"name":"f"})", "f", "{}"},
           {R"({"name":"f","id":"7"})", "f", "{}"},
           {R"({"name":"f","kwargs":{"x":1}})", "", R"({"name":"f","kwargs":{"x":1}})"},
           {R"({"name":"f","arguments":{"x":1},"type":"t"})", "f", R"({"x":1})"},
       }) {
    const json call = openai_call(text);

    EXPECT_EQ(call["function"]["name"], name) << text;
    EXPECT_EQ(call["function"]["arguments"], arguments) << text;
  }
}

TEST(Convert, KeepsTheIdOfACall) {
  EXPECT_EQ(openai_call(R"({"id":"7","name":"f","arguments":{}})")["id"], "7");
}

TEST(Convert, KeepsToolsThatAreNoListAsText) {
  const std::string record = R"({"conversations":[{"from":"human","value":"q"}],"tools":"none, {"})";

  EXPECT_EQ(json::parse(converted(record, ExportFormat::messages))["tools"], "none, {");
}

rc::Gen<std::string> texts() {
  static const std::vector<std::string> pieces = {
      "a", "b c", "\n", "\"", "\\", "é", "漢", "😀", "{", "\t", std::string(1, '\0')};
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces)),
                      [](const std::vector<std::string>& chosen) {
                        std::string text = "x";
                        for (const std::string& piece : chosen) text += piece;
                        return text;
                      });
}

Turn said(Role role, std::string text) {
  return {.role = role, .text = std::move(text), .name = {}, .call_id = {}};
}

/// As a record of no schema, so that it is converted and never kept as it is.
Record through(const Record& record, ExportFormat format) {
  Record back = parsed(convert(record, "", format));
  back.schema = Schema::mapped;
  return back;
}

RC_GTEST_PROP(Convert, AlternatingTurnsPassEveryFormat, ()) {
  Record record;
  record.schema = Schema::mapped;
  if (*rc::gen::arbitrary<bool>()) record.turns.push_back(said(Role::system, *texts()));
  const int exchanges = *rc::gen::inRange(1, 5);
  for (int i = 0; i < exchanges; ++i) {
    record.turns.push_back(said(Role::user, *texts()));
    record.turns.push_back(said(Role::assistant, *texts()));
  }
  const auto formats = *rc::gen::container<std::vector<ExportFormat>>(
      rc::gen::element(ExportFormat::alpaca, ExportFormat::sharegpt, ExportFormat::messages, ExportFormat::xtuner));

  Record back = record;
  for (const ExportFormat format : formats) back = through(back, format);

  RC_ASSERT(content(back) == content(record));
}

Turn random_tool_turn() {
  const std::string name = *rc::gen::element<std::string>("f", "get \"it\"", "漢");
  if (*rc::gen::arbitrary<bool>()) {
    Turn turn = said(Role::tool, *texts());
    if (*rc::gen::arbitrary<bool>()) turn.name = name;
    return turn;
  }
  const std::string arguments =
      *rc::gen::element<std::string>("{}", R"({"x": [1.50, {"y": null}]})", R"("a \"text\"")");
  Turn turn = said(Role::tool_call, "{\"name\": " + json(name).dump() + ", \"arguments\": " + arguments + "}");
  turn.name = name;
  return turn;
}

RC_GTEST_PROP(Convert, ToolTurnsPassShareGptAndMessages, ()) {
  Record record;
  record.schema = Schema::mapped;
  record.turns.push_back(said(Role::user, "q"));
  const int count = *rc::gen::inRange(1, 12);
  for (int i = 0; i < count; ++i) {
    const Role role = *rc::gen::element(Role::user, Role::assistant, Role::system, Role::tool);
    const std::string text = *rc::gen::arbitrary<bool>() ? std::string() : *texts();
    record.turns.push_back(role == Role::tool ? random_tool_turn() : said(role, text));
  }

  const Record back =
      through(through(through(record, ExportFormat::sharegpt), ExportFormat::messages), ExportFormat::sharegpt);

  RC_ASSERT(content(back) == content(record));
}

TEST(ChatMessages, AnyPartOfAConversationIsAList) {
  const auto record = parsed(R"({"system": "be brief", "instruction": "hi", "input": "", "output": "ho"})");
  const std::span<const Turn> turns = record.turns;
  ASSERT_EQ(turns.size(), 3U);
  EXPECT_EQ(answer_place(turns), 2U);
  EXPECT_EQ(chat_messages(turns.first(2)),
            R"([{"role":"system","content":"be brief"},{"role":"user","content":"hi"}])");
  EXPECT_EQ(chat_messages(turns.last(1)), R"([{"role":"assistant","content":"ho"}])");
  EXPECT_EQ(chat_messages({}), "[]");
  EXPECT_EQ(answer_place(turns.first(2)), 2U);
}

}  // namespace
}  // namespace farpoint::corpus
