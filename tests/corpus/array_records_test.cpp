// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "corpus/compressed.hpp"
#include "corpus/read_all.hpp"
#include "farpoint/base/error.hpp"
#include "memory_growth.hpp"
#include "temporary_folder.hpp"

namespace farpoint::corpus {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

class ArrayRecordsTest : public testing::Test {
 protected:
  InputFile file(std::string_view content) const { return input_file(folder_.write("a.json", content), Format::json); }
  std::vector<ReadRecord> read(std::string_view content, std::uint64_t limit = no_limit) const {
    return read_all(file(content), limit);
  }
  std::vector<std::string> texts(std::string_view content) const {
    std::vector<std::string> all;
    for (const ReadRecord& record : read(content)) all.push_back(record.text);
    EXPECT_EQ(index_of(file(content)).records(), all.size());
    return all;
  }
  /// By the scan, before there are ids; and by the reader, so that the two agree.
  void expect_refused(std::string_view content, int line, const std::string& why) const {
    const InputFile input = file(content);
    const auto says_so = ThrowsMessage<UsageError>(
        AllOf(HasSubstr(fmt::format("{}:{}: ", input.path.string(), line)), HasSubstr(why), HasSubstr(".jsonl")));
    EXPECT_THAT([&] { scan_all(input); }, says_so) << content.substr(0, 100);
    for (const std::uint64_t limit : {std::uint64_t{1}, no_limit}) {
      const FileIndex index;
      RecordReader reader(input, index, limit);
      EXPECT_THAT([&] { read_rest(reader); }, says_so) << content.substr(0, 100);
    }
  }
  TemporaryFolder folder_;
};

/// An array built from known elements, and what reading it must yield.
struct Built {
  std::string content = "[";
  std::vector<ReadRecord> records;

  void add(const std::string& before, const std::string& element, const std::string& behind) {
    if (!records.empty()) content += ',';
    content += before;
    const auto lines = std::count(content.begin(), content.end(), '\n');
    records.push_back({element, static_cast<std::uint64_t>(lines) + 1});
    content += element + behind;
  }
};

TEST_F(ArrayRecordsTest, EachElementIsARecordAsItStands) {
  EXPECT_THAT(read("\xEF\xBB\xBF [\r\n  {\"a\": [1, 2]},\n  {\n    \"b\": {}\n  } ,3, \"x\"\n]\n"),
              ElementsAre(ReadRecord{"{\"a\": [1, 2]}", 2}, ReadRecord{"{\n    \"b\": {}\n  }", 3}, ReadRecord{"3", 5},
                          ReadRecord{"\"x\"", 5}));
}

TEST_F(ArrayRecordsTest, EmptyArraysHaveNoRecords) {
  EXPECT_THAT(texts("[]"), IsEmpty());
  EXPECT_THAT(texts(" [ \n ] \n"), IsEmpty());
}

TEST_F(ArrayRecordsTest, KnowsStringsAndEscapes) {
  EXPECT_THAT(texts(R"(["a,b","]","\"","\\","\\\"],[","{"])"),
              ElementsAre(R"("a,b")", R"("]")", R"("\"")", R"("\\")", R"("\\\"],[")", R"("{")"));
}

TEST_F(ArrayRecordsTest, EmptyElementsAreRecordsWithoutText) {
  EXPECT_THAT(texts("[1,,2]"), ElementsAre("1", "", "2"));
  EXPECT_THAT(texts("[1, ]"), ElementsAre("1", ""));
  EXPECT_THAT(texts("[,]"), ElementsAre("", ""));
}

TEST_F(ArrayRecordsTest, AMissingEndBehindAWholeElementIsARecordThatIsNotJson) {
  EXPECT_THAT(texts("["), ElementsAre(""));
  EXPECT_THAT(texts("[1"), ElementsAre("1", ""));
  EXPECT_THAT(texts("[{\"a\":1}\n"), ElementsAre("{\"a\":1}", ""));
  EXPECT_THAT(texts("[{\"a\":1},"), ElementsAre("{\"a\":1}", ""));
}

TEST_F(ArrayRecordsTest, RefusesAnElementThatMayHideOthers) {
  expect_refused("[{\"a\":1},\n{\"b\":\"x},\n{\"c\":\"y\"},\n{\"d\":1}]", 2, "quote");
  expect_refused("[{\"a\":1},\n{\"b\":x\"},\n{\"c\":\"y\"}]", 2, "quote");
  expect_refused("[{\"a\":1},\n{\"b\":\"x\\\"},\n{\"c\":\"y\"}]", 2, "quote");
  // The quotes of a later text bring the scan back into step: the brackets balance.
  expect_refused("[{\"a\":\"x},{\"b\":\"say \\\"hi\\\" now\"},{\"c\":1}]", 1, "quote");
  expect_refused("[{\"a\":1},\n{\"b\":1,\n{\"c\":1},\n{\"d\":1}]", 2, "bracket");
  expect_refused("[{\"a\":1},\n{\"b\":[1},\n{\"c\":1}]", 2, "bracket");
  expect_refused("[\n{{\"a\":1},\n{\"b\":1}]", 2, "bracket");
  expect_refused("[{\"a\":1},\n{\"b\":1}\n{\"c\":1}]", 2, "comma");
  expect_refused("[1,\n{\"a\":[2]", 2, "cut off");
  expect_refused("[1,\n\"a\\", 2, "cut off");
  expect_refused("[1,\n{\"a\":2]", 2, "bracket");
}

TEST_F(ArrayRecordsTest, RefusesWhatStandsBehindTheArray) {
  expect_refused("[1]\n\n[{\"a\":1}]\n", 3, "behind the array");
  expect_refused("[1],\n{\"a\":1}]\n", 1, "behind the array");
  expect_refused("[1]]", 1, "behind the array");
}

TEST_F(ArrayRecordsTest, TextsThatLookLikeABorderAreText) {
  EXPECT_THAT(texts(R"([{"a":"},{"},{"},{" :"}, {", "b":["},{"]},"}  ,\n{"])"),
              ElementsAre(R"({"a":"},{"})", R"({"},{" :"}, {", "b":["},{"]})", R"("}  ,\n{")"));
}

TEST_F(ArrayRecordsTest, FindsABorderAcrossTheEndsOfTheBuffer) {
  // Longer than the buffer, so that it ends within the border whichever way the file is read in pieces.
  for (std::size_t space = 524'270; space < 524'300; ++space) {
    expect_refused(fmt::format("[{{\"a\":\"x}},{}{{\"b\":1}}]", std::string(space, ' ')), 1, "quote");
  }
}

TEST_F(ArrayRecordsTest, AFaultyElementDoesNotHideTheNext) {
  EXPECT_THAT(texts("[{\"a\":1]},{\"b\":2}]"), ElementsAre("{\"a\":1]}", "{\"b\":2}"));
  EXPECT_THAT(texts("[{\"a\":1}},{\"b\":2}]"), ElementsAre("{\"a\":1}}", "{\"b\":2}"));
  EXPECT_THAT(texts("[1 2, NaN, 'x', 3]"), ElementsAre("1 2", "NaN", "'x'", "3"));
  EXPECT_THAT(texts(R"([{"a" 1},{"a":"say "hi""},{a:1, b:{"c":2}},{"d":1}])"),
              ElementsAre(R"({"a" 1})", R"({"a":"say "hi""})", R"({a:1, b:{"c":2}})", R"({"d":1})"));
}

TEST_F(ArrayRecordsTest, RefusesAFileThatIsNoArray) {
  for (const char* content : {"", "  \n ", "{\"a\": 1}", "1", "\xEF\xBB\xBF"}) {
    const InputFile input = file(content);
    const auto says_so = AllOf(HasSubstr(input.path.string()), HasSubstr("'['"));
    EXPECT_THAT([&] { scan_all(input); }, ThrowsMessage<UsageError>(says_so)) << content;
    const FileIndex index;
    EXPECT_THAT([&] { RecordReader(input, index, 1); }, ThrowsMessage<UsageError>(says_so)) << content;
  }
}

TEST_F(ArrayRecordsTest, PassesOverElementsAboveTheLimitAndFindsTheNext) {
  const std::string huge = fmt::format("\"{}\"", std::string(2'000'000, ','));
  EXPECT_THAT(read(fmt::format("[1234,\n12345,\n{0},\n4,{0}]", huge), 4),
              ElementsAre(ReadRecord{"1234", 1}, ReadRecord{"", 2, true}, ReadRecord{"", 3, true}, ReadRecord{"4", 4},
                          ReadRecord{"", 4, true}));
  EXPECT_THAT(read("[1,12345", 4), ElementsAre(ReadRecord{"1", 1}, ReadRecord{"", 1, true}, ReadRecord{"", 1}));
}

TEST_F(ArrayRecordsTest, HoldsABufferWhateverTheLengthOfAnElement) {
  const auto path = folder_.write("a.json", "[1, {");
  std::filesystem::resize_file(path, 256U << 20);  // a hole: zeros that take no space on disk
  std::ofstream(path, std::ios::app) << "}]";
  const auto growth = memory_growth([&] {
    EXPECT_THAT(read_all(input_file(path, Format::json), 1'000),
                ElementsAre(ReadRecord{"1", 1}, ReadRecord{"", 1, true}));
  });
  EXPECT_LT(growth, 64U << 20);
}

TEST_F(ArrayRecordsTest, EscapesHoldAcrossTheEndsOfTheBuffer) {
  // Runs of backslashes and quotes of coprime lengths: the buffer ends behind each kind of byte.
  for (const std::string piece : {R"(\\)", R"(\")", R"(\\\")", R"(\\\\\",)", R"(a\n)"}) {
    Built array;
    for (std::size_t count = 90'000; count < 90'009; ++count) {
      std::string element = "\"";
      for (std::size_t i = 0; i < count; ++i) element += piece;
      array.add("", element + "\"", "");
    }
    array.content += ']';
    EXPECT_TRUE(read(array.content) == array.records) << piece;
  }
}

TEST_F(ArrayRecordsTest, SeekFindsEveryRecord) {
  Built array;
  for (std::size_t i = 0; i < 300; ++i)
    array.add("\n ", fmt::format("{{\"a\": \"{}\"}}", std::string(40'000 + i, ',')), "\n");
  array.content += "]\n";
  for (const auto& path :
       {folder_.write("a.json", array.content), folder_.write("a.json.gz", gzipped(array.content))}) {
    const InputFile input = input_file(path, Format::json);
    const FileIndex index = index_of(input);
    EXPECT_EQ(index.bytes(), array.content.size());
    RecordReader reader(input, index, no_limit);
    for (const std::size_t target : {7U, 150U, 299U, 0U, 1U, 250U, 249U, 120U}) {
      reader.seek(target);
      RawRecord record;
      ASSERT_TRUE(reader.next(record));
      EXPECT_EQ((ReadRecord{std::string(record.text), record.line}), array.records[target]);
    }
    reader.seek(298);
    EXPECT_EQ(read_rest(reader).size(), 2U);
  }
}

TEST_F(ArrayRecordsTest, SeekBehindALargeLastElementFindsWhatStandsThere) {
  const std::string element = fmt::format("\"{}\"", std::string(5'000'000, 'x'));  // more than a section
  for (const std::string rest : {"]\n", ""}) {
    const InputFile input = file(fmt::format("[{}{}", element, rest));
    const FileIndex index = index_of(input);
    RecordReader reader(input, index, no_limit);
    reader.seek(1);
    const auto behind = read_rest(reader);
    EXPECT_EQ(behind.size(), rest == "]\n" ? 0U : 1U) << rest;
    for (const ReadRecord& record : behind) EXPECT_EQ(record.text, "");
  }
}

RC_GTEST_FIXTURE_PROP(ArrayRecordsTest, ReadsTheElementsThatTheArrayWasBuiltFrom, ()) {
  const auto space = rc::gen::element<std::string>("", " ", "\n", "\r\n\t");
  const auto element = rc::gen::element<std::string>("1", "{}", "{\"a\": [1,\n{\"b\":\"]\"}]}", R"("\\\"")", "[[],[]]",
                                                     "true", R"({"t": "x, \"y\", \\"})");
  Built array;
  const auto size = *rc::gen::inRange(0, 8);
  for (int i = 0; i < size; ++i) array.add(*space, *element, *space);
  array.content += ']';
  array.content += *space;
  RC_ASSERT(read(array.content) == array.records);
}

TEST_F(ArrayRecordsTest, OneByteLostOrDoubledNeverHidesAnotherRecord) {
  const std::vector<std::string> elements = {
      R"({"a":"x","n":1})", R"({"b":"say \"hi\" } , [now] \\","l":["u",{"v":{}}]})",
      R"({"c":[{"from":"human","value":"{q}"},{"from":"gpt","value":"\"},{\""}]})", R"({})",
      R"({"d":{"e":"],["},"f":""})"};
  std::size_t read_on = 0;
  for (const std::string separator : {",", " ,\n  "}) {
    std::string content = "[" + elements.back();
    std::vector<std::size_t> begins;
    for (const std::string& element : elements) {
      content += separator;
      begins.push_back(content.size());
      content += element;
    }
    content += ']';
    for (std::size_t place = 1; place < content.size(); ++place) {
      for (const std::size_t count : {0U, 2U}) {
        std::string damaged = content;
        damaged.replace(place, 1, count, content[place]);
        std::vector<std::string> found;
        try {
          found = texts(damaged);
        } catch (const UsageError&) {
          continue;
        }
        ++read_on;
        for (std::size_t i = 0; i < elements.size(); ++i) {
          if (place >= begins[i] && place < begins[i] + elements[i].size()) continue;
          EXPECT_THAT(found, testing::Contains(elements[i])) << damaged;
        }
      }
    }
  }
  EXPECT_GT(read_on, 100U);
}

RC_GTEST_FIXTURE_PROP(ArrayRecordsTest, CountingAndReadingAgreeOnAnyBytes, ()) {
  const auto byte = rc::gen::element('"', '\\', '[', ']', '{', '}', ',', '\n', ' ', '1');
  const std::string content = fmt::format("[{}", *rc::gen::container<std::string>(byte));
  const InputFile input = file(content);
  FileIndex index;
  try {
    index = index_of(input);
  } catch (const UsageError&) {
    RecordReader reader(input, index, no_limit);
    RC_ASSERT_THROWS_AS(read_rest(reader), UsageError);
    return;
  }
  RC_ASSERT(index.bytes() == content.size());
  const auto held = read(content);
  RC_ASSERT(index.records() == held.size());
  const auto passed_over = read(content, 0);
  RC_ASSERT(passed_over.size() == held.size());
  for (std::size_t i = 0; i < held.size(); ++i) RC_ASSERT(passed_over[i].line == held[i].line);
}

}  // namespace
}  // namespace farpoint::corpus
