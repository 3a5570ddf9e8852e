// SPDX-License-Identifier: Apache-2.0
#include "farpoint/corpus/record_texts.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "farpoint/base/error.hpp"

namespace farpoint::corpus {
namespace {

using Said = std::vector<std::pair<Role, std::string>>;

Said texts_of(const std::string& json, const FieldMap& fields = {}) {
  Said said;
  RecordTexts().visit(json, fields, [&](const TextPart& part) {
    EXPECT_EQ(part.number, said.size());
    said.emplace_back(part.role, part.text);
  });
  return said;
}

/// Every text in brackets.
std::optional<std::string> bracketed(const std::string& json, const FieldMap& fields = {}) {
  return RecordTexts().rewrite(json, fields, [](const TextPart& part, std::string& out) {
    out = "[" + std::string(part.text) + "]";
    return true;
  });
}

struct Case {
  std::string name;
  std::string json;
  Said texts;
};

const std::vector<Case> cases = {
    {"alpaca",
     R"({"instruction": "Add", "input": "1 2", "output": "3", "system": "Be brief", "history": [["a", "b"]], "id": "x"})",
     {{Role::user, "Add"},
      {Role::user, "1 2"},
      {Role::assistant, "3"},
      {Role::system, "Be brief"},
      {Role::user, "a"},
      {Role::user, "b"}}},
    {"pair",
     R"({"prompt":"p","completion":"c","n":12345678901234567890123})",
     {{Role::user, "p"}, {Role::assistant, "c"}}},
    {"choice",
     R"({"passage": null, "question": "q", "options": ["x", "y"], "label": "A"})",
     {{Role::user, "q"}, {Role::user, "x"}, {Role::user, "y"}, {Role::assistant, "A"}}},
    {"index label", R"({"question": "q", "options": [], "label": 1})", {{Role::user, "q"}}},
    {"sharegpt, role behind",
     R"({"conversations": [{"value": "hi", "from": "human"}, {"from": "function_call", "value": "{\"name\": \"f\"}"},
        {"from": "observation", "value": "{}"}, {"from": "gpt", "value": "ok"}], "tools": "[]", "system": "s"})",
     {{Role::user, "hi"},
      {Role::tool_call, "{\"name\": \"f\"}"},
      {Role::tool, "{}"},
      {Role::assistant, "ok"},
      {Role::system, "s"}}},
    {"messages",
     R"({"messages": [{"role": "user", "content": [{"type": "text", "text": "look"}, {"type": "image", "url": "u"}, "here"]},
        {"role": "assistant", "content": null, "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": "{}"}}]},
        {"role": "tool", "content": "4", "name": "f"}, {"content": "four", "role": "assistant"}]})",
     {{Role::user, "look"},
      {Role::user, "here"},
      {Role::tool_call, "{}"},
      {Role::tool, "4"},
      {Role::assistant, "four"}}},
    {"xtuner",
     R"({"conversation": [{"system": "s", "input": "i", "output": "o", "score": 1}, {"output": "p"}]})",
     {{Role::system, "s"}, {Role::user, "i"}, {Role::assistant, "o"}, {Role::assistant, "p"}}},
    {"escapes", R"({"\u0074ext": "a\"b\\\n\u00e9\ud83d\ude00 "  })", {{Role::user, "a\"b\\\né😀 "}}},
    {"twice", R"({"text": "first", "text": "second"})", {{Role::user, "first"}, {Role::user, "second"}}},
    {"none", R"({"title": "t", "messages": 3, "conversation": [1]})", {}},
};

TEST(RecordTexts, AreTheStringsFromWhichViewsAreMade) {
  for (const auto& [name, json, texts] : cases) {
    EXPECT_EQ(texts_of(json), texts) << name;
  }
}

TEST(RecordTexts, AreReplacedWhereTheyLieAndNothingElseChanges) {
  for (const auto& [name, json, texts] : cases) {
    const auto changed = bracketed(json);
    ASSERT_EQ(changed.has_value(), !texts.empty()) << name;
    if (!changed) continue;
    auto expected = texts;
    for (auto& text : expected) text.second = "[" + text.second + "]";
    EXPECT_EQ(texts_of(*changed), expected) << name;
    // Put back, it is the same record to the byte, but for the spelling of escapes.
    const auto back = RecordTexts().rewrite(*changed, {}, [](const TextPart& part, std::string& out) {
      out = part.text.substr(1, part.text.size() - 2);
      return true;
    });
    ASSERT_TRUE(back) << name;
    EXPECT_TRUE(name == "escapes" || *back == json) << name << ": " << *back;
  }
}

TEST(RecordTexts, ThatStayLeaveTheRecordAsItIs) {
  for (const auto& [name, json, texts] : cases) {
    EXPECT_FALSE(RecordTexts().rewrite(json, {}, [](const TextPart&, std::string&) { return false; })) << name;
  }
}

TEST(RecordTexts, CanBeChangedOneByOne) {
  const auto changed = RecordTexts().rewrite(R"({"prompt": "p", "completion": "c" , "x": [1.50]})", {},
                                             [](const TextPart& part, std::string& out) {
                                               out = "new \"text\"\n";
                                               return part.role == Role::assistant;
                                             });
  EXPECT_EQ(changed, R"({"prompt": "p", "completion": "new \"text\"\n" , "x": [1.50]})");
}

TEST(RecordTexts, KeepEveryCharacterThatJsonMustEscape) {
  std::string odd = "a\"\\/\x7f \u00e9\U0001F600";
  for (char c = 1; c < 0x20; ++c) odd += c;
  odd += std::string(1, '\0') + "z";
  const auto changed = RecordTexts().rewrite(R"({"text": "x", "n": 1})", {}, [&](const TextPart&, std::string& out) {
    out = odd;
    return true;
  });
  ASSERT_TRUE(changed);
  EXPECT_EQ(nlohmann::json::parse(*changed).at("text").get<std::string>(), odd);
  EXPECT_EQ(texts_of(*changed), (Said{{Role::user, odd}}));
}

TEST(RecordTexts, OfMappedFieldsAreThoseThatTheMapNames) {
  const FieldMap fields{{"prompt", "q"}, {"response", "a"}, {"system", "s"}};
  const std::string json = R"({"q": "1", "a": "2", "s": "3", "text": "4"})";
  EXPECT_EQ(texts_of(json, fields), (Said{{Role::user, "1"}, {Role::assistant, "2"}, {Role::system, "3"}}));
  EXPECT_EQ(bracketed(json, fields), R"({"q": "[1]", "a": "[2]", "s": "[3]", "text": "4"})");
}

TEST(RecordTexts, OfChangedRecordsAreReadByTheParser) {
  for (const auto& [name, json, texts] : cases) {
    if (texts.empty() || name == "twice") continue;
    const auto changed = bracketed(json);
    const auto record = RecordParser().parse(*changed);
    EXPECT_TRUE(std::holds_alternative<Record>(record)) << name << ": " << *changed;
  }
}

TEST(RecordTexts, NeedARecord) {
  EXPECT_THROW(texts_of("[1, 2]"), Error);
  EXPECT_THROW(texts_of(R"({"text": "a)"), Error);
}

}  // namespace
}  // namespace farpoint::corpus
