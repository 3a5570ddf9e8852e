// SPDX-License-Identifier: Apache-2.0
// Input that no writer meant: each must give a fault or a record, and where the rules say which, that one.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "farpoint/corpus/convert.hpp"
#include "farpoint/corpus/record.hpp"

namespace farpoint::corpus {
namespace {

const std::vector<std::string> samples = {
    R"({"instruction":"é \u00e9 \ud83d\ude00","input":"","output":"漢","history":[["a","b"]]})",
    R"({"messages":[{"role":"user","content":[{"type":"text","text":"q"}]},{"role":"assistant","content":null,)"
    R"("tool_calls":[{"id":"1","function":{"name":"f","arguments":"{\"x\":1}"}}]},{"role":"tool","content":"4"}]})",
    R"({"conversations":[{"from":"human","value":"a"},{"from":"function_call","value":"{\"name\":\"f\"}"}],"tools":"[]"})",
    R"({"question":"q","options":["(A)1","(B)2"],"label":1,"other":{"x":[1,2.5e3,-0,true,null]}})",
    R"({"conversation":[{"system":"s","input":"a","output":"b"}]})"};

std::string outcome(RecordParser& parser, std::string_view json) {
  const auto result = parser.parse(json);
  const Fault* fault = std::get_if<Fault>(&result);
  return fault != nullptr ? std::string(fault_name(*fault)) : "record";
}

std::string outcome(std::string_view json) {
  RecordParser parser;
  return outcome(parser, json);
}

std::string repeated(std::string_view part, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += part;
  return all;
}

TEST(HostileRecord, SyntaxErrorsAreBadJson) {
  for (const std::string json : {"",
                                 " ",
                                 "{",
                                 "}",
                                 "null",
                                 "[]",
                                 "5",
                                 R"("text")",
                                 R"(["text"])",
                                 R"({"text":"a"} x)",
                                 R"({"text":"a"}{"text":"b"})",
                                 R"({"text":"a",})",
                                 R"({"text":NaN})",
                                 R"({"text":"a","x":NaN})",
                                 R"({"text":"a","x":-Infinity})",
                                 R"({'text':'a'})",
                                 R"({"text":"a\q"})",
                                 "{\"text\":\"a\nb\"}",
                                 R"({text:"a"})",
                                 R"({"text":"a","x":01})",
                                 R"({"text":"a","x":1e400})",
                                 R"({"text":"a","x":0123456789012345678901234567890})",
                                 R"({"text":"a","x":+123456789012345678901234567890})",
                                 R"({"text":"a","x":123456789012345678901234567890 1})",
                                 R"({"text":"a","x":123456789012345678901234567890x})",
                                 "\xef\xbb\xbf{\"text\":\"a\"}"}) {
    EXPECT_EQ(outcome(json), "bad_json") << json;
  }
}

TEST(HostileRecord, IntegersBeyond64BitsAreNumbersAsFarAsADoubleReaches) {
  const std::string digits(308, '9');
  for (const std::string number : {"18446744073709551616", "-9223372036854775809", digits.c_str()}) {
    EXPECT_EQ(outcome(R"({"text":"a","x":)" + number + "}"), "record") << number;
    EXPECT_EQ(outcome(R"({"x":[1,)" + number + R"( ],"y":"\\","text":"\"a"})"), "record") << number;
    EXPECT_EQ(outcome(R"({"text":"a","x":)" + number + R"(,"y":1e400})"), "bad_json") << number;
  }
  EXPECT_EQ(outcome(R"({"text":"a","x":)" + digits + "9}"), "bad_json");

  const std::string text = R"(12345678901234567890123 \" 12345678901234567890123 \\)";
  const auto result = RecordParser().parse(R"({"x":18446744073709551616,"text":")" + text + "\"}");
  ASSERT_TRUE(std::holds_alternative<Record>(result));
  EXPECT_EQ(std::get<Record>(result).turns[0].text, "12345678901234567890123 \" 12345678901234567890123 \\");
}

TEST(HostileRecord, LoneSurrogatesAreBadJsonWhereverTheyStand) {
  for (const std::string escaped :
       {"\\ud800", "\\udbff", "\\udc00", "\\udfff", "\\ud800x", "\\ud800\\n", "\\ud800\\u0041", "\\ud800\\ud800",
        "\\udc00\\ud800", "\\uD83D\\uD83D\\uDE00", "\\ud800\\uffff"}) {
    EXPECT_EQ(outcome("{\"text\":\"" + escaped + "\"}"), "bad_json") << escaped;
    EXPECT_EQ(outcome("{\"text\":\"a\",\"other\":\"" + escaped + "\"}"), "bad_json") << escaped;
    EXPECT_EQ(outcome("{\"text\":\"a\",\"" + escaped + "\":1}"), "bad_json") << escaped;
  }
  EXPECT_EQ(outcome(R"({"text":"\uD83D\uDE00"})"), "record");
}

TEST(HostileRecord, ValuesOfTheWrongKindAreBadJson) {
  for (const std::string json : {R"({"text":5})",
                                 R"({"text":{}})",
                                 R"({"text":["a"]})",
                                 R"({"text":true})",
                                 R"({"instruction":"a","output":5})",
                                 R"({"instruction":"a","history":"b"})",
                                 R"({"instruction":"a","history":[["b"]]})",
                                 R"({"instruction":"a","history":[["b",1]]})",
                                 R"({"instruction":"a","history":[["b","c","d"]]})",
                                 R"({"instruction":"a","tools":5})",
                                 R"({"question":"q","options":"A"})",
                                 R"({"question":"q","options":[1]})",
                                 R"({"question":"q","options":["a"],"label":0.5})",
                                 R"({"question":"q","options":["a"],"label":["A"]})",
                                 R"({"messages":"a"})",
                                 R"({"messages":["a"]})",
                                 R"({"messages":[{"content":"a"}]})",
                                 R"({"messages":[{"role":"narrator","content":"a"}]})",
                                 R"({"messages":[{"role":"user","content":5}]})",
                                 R"({"messages":[{"role":"user","content":[5]}]})",
                                 R"({"messages":[{"role":"user","content":[{"text":5}]}]})",
                                 R"({"messages":[{"role":"assistant","tool_calls":[{}]}]})",
                                 R"({"messages":[{"role":"assistant","tool_calls":[{"function":{"name":5}}]}]})",
                                 R"({"messages":[{"role":"assistant","function_call":"f"}]})",
                                 R"({"conversations":{}})",
                                 R"({"conversations":[{"from":"human","value":5}]})",
                                 R"({"conversations":[{"from":"human","value":"a"},null]})",
                                 R"({"conversation":[{"input":["a"]}]})"}) {
    EXPECT_EQ(outcome(json), "bad_json") << json;
  }
}

TEST(HostileRecord, RecordsWithoutTextAreNoText) {
  for (const std::string json :
       {"{}", R"({"id":5})", R"({"Text":"a"})", R"({"text":""})", R"({"text":" \t\n\r"})", R"({"messages":[]})",
        R"({"conversations":[{"from":"human","value":" "}]})", R"({"instruction":"","input":"","output":""})",
        R"({"question":" ","options":[""],"label":null})", R"({"messages":[{"role":"user","content":[]}]})"}) {
    EXPECT_EQ(outcome(json), "no_text") << json;
  }
}

TEST(HostileRecord, InvalidBytesAreBadUtf8AtEachPosition) {
  RecordParser parser;
  for (const std::string& sample : samples) {
    for (std::size_t place = 0; place <= sample.size(); ++place) {
      for (const char* bytes : {"\xff", "\x80", "\xc0\xaf", "\xed\xa0\x80"}) {
        std::string json = sample;
        json.insert(place, bytes);

        ASSERT_EQ(outcome(parser, json), "bad_utf8") << "at byte " << place << " of " << sample;
      }
    }
  }
}

TEST(HostileRecord, CutAtEachByteIsAFault) {
  RecordParser parser;
  for (const std::string& sample : samples) {
    ASSERT_EQ(outcome(parser, sample), "record") << sample;
    for (std::size_t length = 0; length < sample.size(); ++length) {
      const std::string cut = sample.substr(0, length);

      ASSERT_EQ(outcome(parser, cut), is_valid_utf8(cut) ? "bad_json" : "bad_utf8") << cut;
    }
  }
}

TEST(HostileRecord, AnyByteChangedGivesAFaultOrARecordThatConverts) {
  RecordParser parser;
  std::size_t records = 0;
  for (const std::string& sample : samples) {
    for (std::size_t place = 0; place < sample.size(); ++place) {
      for (const char byte : {'\0', '"', '\\', '{', '[', ']', ',', ':', '0', '-', 'n', '\n', '\x7f', '\xc3'}) {
        std::string json = sample;
        json[place] = byte;
        const auto result = parser.parse(json);
        const Record* record = std::get_if<Record>(&result);
        if (record == nullptr) continue;
        ++records;
        for (const auto format : {ExportFormat::alpaca, ExportFormat::sharegpt, ExportFormat::messages}) {
          ASSERT_NE(outcome(parser, convert(*record, json, format)), "bad_json") << json;
        }
      }
    }
  }
  EXPECT_GT(records, 100U);
}

TEST(HostileRecord, ZeroBytesInStringsAreText) {
  RecordParser parser;

  const auto escaped = parser.parse(R"({"text":"a\u0000b"})");

  ASSERT_TRUE(std::holds_alternative<Record>(escaped));
  EXPECT_EQ(std::get<Record>(escaped).turns[0].text, std::string("a\0b", 3));
  EXPECT_EQ(outcome(parser, std::string("{\"text\":\"a\0b\"}", 14)), "bad_json");
}

TEST(HostileRecord, DeepNestingIsAFaultOrPassedOver) {
  for (const std::size_t depth : {10U, 1000U, 1100U, 5000U, 1000000U}) {
    const std::string lists = repeated("[", depth);
    const std::string objects = repeated("{\"a\":", depth);

    EXPECT_EQ(outcome(lists), "bad_json");
    EXPECT_EQ(outcome(objects), "bad_json");
    EXPECT_EQ(outcome(lists + repeated("]", depth)), "bad_json");
    const std::string beside = R"({"text":"a","x":)" + lists + repeated("]", depth) + "}";
    EXPECT_EQ(outcome(beside), depth <= 1000 ? "record" : "bad_json") << depth;
  }
}

TEST(HostileRecord, DeepNestingInsideTextIsTextAndConverts) {
  const std::string deep = repeated("[", 200000) + repeated("]", 200000);
  const std::string json =
      R"({"conversations":[{"from":"human","value":"q"},{"from":"function_call","value":"{\"name\":\"f\",)"
      R"(\"arguments\":)" +
      deep + R"(}"}],"tools":")" + deep + R"("})";

  const auto result = RecordParser().parse(json);

  ASSERT_TRUE(std::holds_alternative<Record>(result));
  const std::string messages = convert(std::get<Record>(result), json, ExportFormat::messages);
  EXPECT_EQ(outcome(messages), "record");
  EXPECT_NE(messages.find(deep), std::string::npos);
}

TEST(HostileRecord, LongTextsAreRead) {
  const std::string text = repeated("0123456789", 1000000);
  RecordParser parser;

  const auto result = parser.parse(R"({"text":")" + text + R"("})");

  ASSERT_TRUE(std::holds_alternative<Record>(result));
  EXPECT_EQ(std::get<Record>(result).turns[0].text, text);
  EXPECT_EQ(outcome(parser, R"({"text":"short"})"), "record");
}

}  // namespace
}  // namespace farpoint::corpus
