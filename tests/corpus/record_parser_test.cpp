// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "farpoint/corpus/record.hpp"

namespace farpoint::corpus {
namespace {

using Said = std::vector<std::pair<Role, std::string>>;

Said said(const Record& record) {
  Said turns;
  for (const Turn& turn : record.turns) turns.emplace_back(turn.role, turn.text);
  return turns;
}

Record parsed(const std::string& json, const FieldMap& fields = {}) {
  auto result = RecordParser().parse(json, fields);
  if (const Fault* fault = std::get_if<Fault>(&result)) {
    ADD_FAILURE() << fault_name(*fault) << ": " << json;
    return {};
  }
  return std::get<Record>(std::move(result));
}

std::string outcome(const std::string& json, const FieldMap& fields = {}) {
  const auto result = RecordParser().parse(json, fields);
  const Fault* fault = std::get_if<Fault>(&result);
  return fault != nullptr ? std::string(fault_name(*fault)) : "record";
}

struct SchemaCase {
  std::string json;
  Schema schema;
  Said turns;
};

void expect_turns(const std::vector<SchemaCase>& cases) {
  for (const SchemaCase& c : cases) {
    const Record record = parsed(c.json);

    EXPECT_EQ(record.schema, c.schema) << c.json;
    EXPECT_EQ(said(record), c.turns) << c.json;
  }
}

TEST(RecordParser, ReadsFlatSchemas) {
  const auto user = Role::user;
  const auto assistant = Role::assistant;
  expect_turns({
      {R"({"instruction":"Add","input":"1+1","output":"2"})", Schema::alpaca, {{user, "Add\n1+1"}, {assistant, "2"}}},
      {R"({"instruction":"Add","input":"","output":"2"})", Schema::alpaca, {{user, "Add"}, {assistant, "2"}}},
      {R"({"instruction":"Add","response":"2"})", Schema::alpaca, {{user, "Add"}, {assistant, "2"}}},
      {R"({"instruction":"Add","output":null,"response":"2"})", Schema::alpaca, {{user, "Add"}, {assistant, "2"}}},
      {R"({"instruction":null,"input":"1+1","output":"2"})", Schema::alpaca, {{user, "1+1"}, {assistant, "2"}}},
      {R"({"instruction":"c","output":"d","system":"s","history":[["a","b"]]})",
       Schema::alpaca,
       {{Role::system, "s"}, {user, "a"}, {assistant, "b"}, {user, "c"}, {assistant, "d"}}},
      {R"({"output":"alone"})", Schema::alpaca, {{assistant, "alone"}}},
      {R"({"prompt":"a","completion":"b"})", Schema::prompt_completion, {{user, "a"}, {assistant, "b"}}},
      {R"({"prompt":"a","response":"b","task":7})", Schema::prompt_completion, {{user, "a"}, {assistant, "b"}}},
      {R"({"question":"a","answer":"b"})", Schema::question_answer, {{user, "a"}, {assistant, "b"}}},
      {R"({"text":"a","meta":{"text":"no"}})", Schema::text, {{user, "a"}}},
  });
}

TEST(RecordParser, ReadsLists) {
  const auto user = Role::user;
  const auto assistant = Role::assistant;
  expect_turns({
      {R"({"conversations":[{"from":"human","value":"a"},{"from":"gpt","value":"b"}],"system":"s"})",
       Schema::sharegpt,
       {{Role::system, "s"}, {user, "a"}, {assistant, "b"}}},
      {R"({"messages":[{"role":"developer","content":"s"},{"role":"user","content":"a"},{"role":"assistant","content":"b"}]})",
       Schema::messages,
       {{Role::system, "s"}, {user, "a"}, {assistant, "b"}}},
      {R"({"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{}},)"
       R"({"type":"text","value":"b"},"c"]},{"role":"assistant","content":null}]})",
       Schema::messages,
       {{user, "a\nb\nc"}, {assistant, ""}}},
      {R"({"conversation":[{"system":"s","input":"a","output":"b"},{"input":"c","output":"d"}]})",
       Schema::xtuner,
       {{Role::system, "s"}, {user, "a"}, {assistant, "b"}, {user, "c"}, {assistant, "d"}}},
      {R"({"conversation":[{"system":"","input":"","output":"a document"}]})",
       Schema::xtuner,
       {{assistant, "a document"}}},
  });
}

TEST(RecordParser, KnowsTheRolesOfShareGpt) {
  const std::vector<std::pair<std::string, Role>> roles = {{"human", Role::user},
                                                           {"user", Role::user},
                                                           {"gpt", Role::assistant},
                                                           {"assistant", Role::assistant},
                                                           {"chatgpt", Role::assistant},
                                                           {"bing", Role::assistant},
                                                           {"bard", Role::assistant},
                                                           {"system", Role::system},
                                                           {"observation", Role::tool},
                                                           {"tool", Role::tool},
                                                           {"function_call", Role::tool_call}};
  for (const auto& [name, role] : roles) {
    const Record record = parsed(R"({"conversations":[{"from":")" + name + R"(","value":"x"}]})");

    ASSERT_EQ(record.turns.size(), 1U) << name;
    EXPECT_EQ(record.turns[0].role, role) << name;
  }
}

TEST(RecordParser, ReadsToolTurnsOfShareGpt) {
  const Record record =
      parsed(R"({"conversations":[{"from":"human","value":"q"},)"
             R"({"from":"function_call","value":"{\"name\": \"f\", \"arguments\": {\"x\": 1.50}}"},)"
             R"({"from":"function_call","value":"[{\"name\": \"g\", \"arguments\": {}}, {\"name\": \"h\"}]"},)"
             R"({"from":"observation","value":"4","name":"f"}],"tools":"[{\"name\": \"f\"}]"})");

  EXPECT_EQ(said(record), (Said{{Role::user, "q"},
                                {Role::tool_call, R"({"name": "f", "arguments": {"x": 1.50}})"},
                                {Role::tool_call, R"({"name": "g", "arguments": {}})"},
                                {Role::tool_call, R"({"name": "h"})"},
                                {Role::tool, "4"}}));
  EXPECT_EQ(record.turns[1].name, "f");
  EXPECT_EQ(record.turns[2].name, "g");
  EXPECT_EQ(record.turns[4].name, "f");
  EXPECT_EQ(record.tools, R"([{"name": "f"}])");
}

TEST(RecordParser, KeepsACallThatIsNoJson) {
  for (const std::string text : {"f(1)", "{", "[1]", "[]", "{}", ""}) {
    const Record record = parsed(R"({"conversations":[{"from":"human","value":"q"},{"from":"function_call","value":")" +
                                 text + R"("}]})");

    ASSERT_EQ(record.turns.size(), 2U) << text;
    EXPECT_EQ(record.turns[1].text, text);
    EXPECT_EQ(record.turns[1].name, "");
  }
}

TEST(RecordParser, ReadsToolCallsOfOpenAi) {
  const Record record =
      parsed(R"({"tools":[{"type":"function", "function":{"name":"f"}}],"messages":[{"role":"user","content":"q"},)"
             R"({"role":"assistant","content":null,"tool_calls":[)"
             R"({"id":"1","type":"function","function":{"name":"f","arguments":"{\"x\": 1}"}},)"
             R"({"id":"2","type":"function","function":{"name":"g","arguments":{"y":[2]}}}]},)"
             R"({"role":"tool","tool_call_id":"1","name":"f","content":"4"},)"
             R"({"role":"assistant","content":"so","function_call":{"name":"h","arguments":"none"}},)"
             R"({"role":"function","name":"h","content":"5"}]})");

  EXPECT_EQ(said(record), (Said{{Role::user, "q"},
                                {Role::tool_call, R"({"name": "f", "arguments": {"x": 1}})"},
                                {Role::tool_call, R"({"name": "g", "arguments": {"y":[2]}})"},
                                {Role::tool, "4"},
                                {Role::assistant, "so"},
                                {Role::tool_call, R"({"name": "h", "arguments": "none"})"},
                                {Role::tool, "5"}}));
  EXPECT_EQ(record.turns[2].name, "g");
  EXPECT_EQ(record.turns[2].call_id, "2");
  EXPECT_EQ(record.turns[3].name, "f");
  EXPECT_EQ(record.turns[3].call_id, "1");
  EXPECT_EQ(record.tools, R"([{"type":"function","function":{"name":"f"}}])");
}

TEST(RecordParser, AnEmptyListOfCallsIsNoCall) {
  const Record record = parsed(R"({"messages":[{"role":"user","content":"q","tool_calls":[]},)"
                               R"({"role":"assistant","content":"","tool_calls":[]}]})");

  EXPECT_EQ(said(record), (Said{{Role::user, "q"}, {Role::assistant, ""}}));
  EXPECT_EQ(outcome(R"({"messages":[{"role":"user","content":"q","tool_calls":"f"}]})"), "bad_json");
}

TEST(RecordParser, ReadsCallsAmongTypedParts) {
  const Record record = parsed(R"({"messages":[{"role":"assistant","content":[{"type":"text","value":"so"},)"
                               R"({"type":"tool_call","value":"{\"name\":\"f\",\"arguments\":{}}"}]}]})");

  EXPECT_EQ(said(record), (Said{{Role::assistant, "so"}, {Role::tool_call, R"({"name":"f","arguments":{}})"}}));
}

struct ChoiceCase {
  std::string fields;
  std::string prompt;
  std::string response;
};

TEST(RecordParser, ReadsMultipleChoice) {
  const std::string options = R"("options":["(A)one","","(C)two"],)";
  const std::vector<ChoiceCase> cases = {
      {R"("passage":"p","question":"q",)" + options + R"("label":"C")", "p\nq\n(A)one\n(C)two", "(C)two"},
      {R"("passage":null,"question":"q",)" + options + R"("label":0)", "q\n(A)one\n(C)two", "(A)one"},
      {R"("question":"q",)" + options + R"("label":null,"answer":"1/2")", "q\n(A)one\n(C)two", "1/2"},
      {R"("question":"q",)" + options + R"("label":"Z")", "q\n(A)one\n(C)two", "Z"},
      {R"("question":"q",)" + options + R"("label":null,"answer":null)", "q\n(A)one\n(C)two", ""},
      {R"("question":"q","options":[],"label":"A")", "q", "A"},
  };
  for (const ChoiceCase& c : cases) {
    const Record record = parsed("{" + c.fields + "}");

    EXPECT_EQ(record.schema, Schema::multiple_choice);
    EXPECT_EQ(view(record, TextView::prompt), c.prompt) << c.fields;
    EXPECT_EQ(view(record, TextView::response), c.response) << c.fields;
    EXPECT_EQ(view(record, TextView::full), c.prompt + (c.response.empty() ? "" : "\n" + c.response)) << c.fields;
  }
}

TEST(RecordParser, KeepsThePartsOfAMultipleChoiceQuestion) {
  const Record record = parsed(R"({"passage":"p","question":"q","options":["a",null],"label":1})");

  ASSERT_TRUE(record.choice.has_value());
  EXPECT_EQ(record.choice->passage, "p");
  EXPECT_EQ(record.choice->question, "q");
  EXPECT_EQ(record.choice->options, (std::vector<std::string>{"a", ""}));
  EXPECT_EQ(record.choice->label, "1");
}

TEST(RecordParser, TakesTheFirstSchemaThatFits) {
  const std::vector<std::pair<Schema, std::string>> by_precedence = {
      {Schema::messages, R"("messages":[{"role":"user","content":"a"}])"},
      {Schema::sharegpt, R"("conversations":[{"from":"human","value":"a"}])"},
      {Schema::xtuner, R"("conversation":[{"input":"a"}])"},
      {Schema::multiple_choice, R"("question":"a","options":["b"])"},
      {Schema::alpaca, R"("instruction":"a")"},
      {Schema::prompt_completion, R"("prompt":"a")"},
      {Schema::question_answer, R"("question":"a")"},
      {Schema::text, R"("text":"a")"},
      {Schema::alpaca, R"("output":"a")"},
  };
  std::string behind;
  for (const auto& [schema, field] : by_precedence | std::views::reverse) {
    behind = behind.empty() ? field : behind + "," + field;

    EXPECT_EQ(parsed("{" + behind + "}").schema, schema) << behind;
  }
}

TEST(RecordParser, NullCountsAsAbsent) {
  EXPECT_EQ(parsed(R"({"messages":null,"instruction":null,"text":"a"})").schema, Schema::text);
  EXPECT_EQ(outcome(R"({"text":null})"), "no_text");
}

TEST(RecordParser, LastOfDuplicateKeysCounts) {
  EXPECT_EQ(view(parsed(R"({"text":"a","text":"b"})"), TextView::full), "b");
  EXPECT_EQ(view(parsed(R"({"text":5,"text":"b"})"), TextView::full), "b");
  EXPECT_EQ(outcome(R"({"text":"b","text":null})"), "no_text");
  EXPECT_EQ(view(parsed(R"({"q":"a","q":"b"})", {{"prompt", "q"}}), TextView::full), "b");
}

TEST(RecordParser, FieldMapReplacesRecognition) {
  const FieldMap fields = {{"prompt", "q"}, {"response", "a"}, {"system", "s"}};

  const Record record = parsed(R"({"text":"not this","q":"1+1","a":"2","s":"Add."})", fields);

  EXPECT_EQ(record.schema, Schema::mapped);
  EXPECT_EQ(said(record), (Said{{Role::system, "Add."}, {Role::user, "1+1"}, {Role::assistant, "2"}}));
  EXPECT_EQ(said(parsed(R"({"a":"2"})", fields)), (Said{{Role::assistant, "2"}}));
  EXPECT_EQ(said(parsed(R"({"body":"b"})", {{"text", "body"}})), (Said{{Role::user, "b"}}));
  EXPECT_EQ(outcome(R"({"instruction":"a"})", fields), "no_text");
  EXPECT_EQ(outcome(R"({"q":{}})", fields), "bad_json");
}

TEST(RecordParser, ReadsInPlaceWhereThereIsRoomBehind) {
  const std::string json = R"({"text":"a"})";
  std::string padded = json + std::string(64, '"');

  const auto result = RecordParser().parse({padded.data(), json.size()}, {}, padded.size());

  ASSERT_TRUE(std::holds_alternative<Record>(result));
  EXPECT_EQ(view(std::get<Record>(result), TextView::full), "a");
}

TEST(RecordParser, GoesOnAfterAFault) {
  RecordParser parser;

  EXPECT_TRUE(std::holds_alternative<Fault>(parser.parse("{")));
  RecordParser moved = std::move(parser);
  EXPECT_TRUE(std::holds_alternative<Record>(moved.parse(R"({"text":"a"})")));
}

}  // namespace
}  // namespace farpoint::corpus
