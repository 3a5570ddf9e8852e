// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "corpus/compressed.hpp"
#include "corpus/read_all.hpp"
#include "memory_growth.hpp"
#include "temporary_folder.hpp"

namespace farpoint::corpus {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// The obvious way: the whole content in memory, cut at each newline.
std::vector<ReadRecord> reference_lines(std::string content, std::uint64_t limit = no_limit) {
  if (content.starts_with("\xEF\xBB\xBF")) content.erase(0, 3);
  std::vector<ReadRecord> records;
  std::uint64_t line = 0;
  for (std::size_t begin = 0; begin < content.size();) {
    const std::size_t end = std::min(content.find('\n', begin), content.size());
    std::string text = content.substr(begin, end - begin);
    begin = end + 1;
    ++line;
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    if (text.back() == '\r') text.pop_back();
    const bool too_large = text.size() > limit;
    records.push_back({too_large ? "" : text, line, too_large});
  }
  return records;
}

class LineRecordsTest : public testing::Test {
 protected:
  std::vector<ReadRecord> read(std::string_view content, std::uint64_t limit = no_limit) const {
    return read_all(input_file(folder_.write("a.jsonl", content), Format::jsonl), limit);
  }
  TemporaryFolder folder_;
};

TEST_F(LineRecordsTest, EachNonBlankLineIsARecord) {
  EXPECT_THAT(read("{1}\n\n{2}\n \t\r\n{3"),
              ElementsAre(ReadRecord{"{1}", 1}, ReadRecord{"{2}", 3}, ReadRecord{"{3", 5}));
}

TEST_F(LineRecordsTest, AcceptsByteOrderMarkAndCarriageReturns) {
  EXPECT_THAT(read("\xEF\xBB\xBF{1}\r\n{2}\r\n\r\n{3}\r"),
              ElementsAre(ReadRecord{"{1}", 1}, ReadRecord{"{2}", 2}, ReadRecord{"{3}", 4}));
}

TEST_F(LineRecordsTest, AByteOrderMarkElsewhereIsContent) {
  EXPECT_THAT(read("1\n\xEF\xBB\xBF"), ElementsAre(ReadRecord{"1", 1}, ReadRecord{"\xEF\xBB\xBF", 2}));
}

TEST_F(LineRecordsTest, FilesWithoutRecordsYieldNone) {
  EXPECT_THAT(read(""), IsEmpty());
  EXPECT_THAT(read("\xEF\xBB\xBF"), IsEmpty());
  EXPECT_THAT(read("\n\n \t\r\n  "), IsEmpty());
  EXPECT_THAT(read(std::string(2'000'000, ' ')), IsEmpty());
}

TEST_F(LineRecordsTest, PassesOverLinesAboveTheLimitAndFindsTheNext) {
  const std::string huge(3'000'000, 'x');
  EXPECT_THAT(read("1234\n12345\n" + huge + "\n4\n" + huge, 4),
              ElementsAre(ReadRecord{"1234", 1}, ReadRecord{"", 2, true}, ReadRecord{"", 3, true}, ReadRecord{"4", 4},
                          ReadRecord{"", 5, true}));
}

TEST_F(LineRecordsTest, ALineEndDoesNotCountTowardsTheLimit) {
  EXPECT_THAT(read("1234\r\n1234\r", 4), ElementsAre(ReadRecord{"1234", 1}, ReadRecord{"1234", 2}));
}

TEST_F(LineRecordsTest, HugeBlankLinesTakeNoNumber) {
  const std::string blank(2'000'000, ' ');
  EXPECT_THAT(read(blank + "\n1\n" + blank + "2", 4), ElementsAre(ReadRecord{"1", 2}, ReadRecord{"", 3, true}));
}

TEST_F(LineRecordsTest, ALineWithABlankTailIsNotBlank) {
  EXPECT_THAT(read("x" + std::string(2'000'000, ' '), 4), ElementsAre(ReadRecord{"", 1, true}));
}

TEST_F(LineRecordsTest, HoldsLinesLongerThanItsBuffer) {
  std::string content;
  for (const std::size_t length : {5'000'000, 1, 524'288, 524'287, 700'000, 10}) {
    content += std::string(length, static_cast<char>('a' + length % 7)) + "\n";
  }
  EXPECT_EQ(read(content), reference_lines(content));
}

TEST_F(LineRecordsTest, HoldsABufferWhateverTheLengthOfALine) {
  const auto path = folder_.write("a.jsonl", "");
  std::filesystem::resize_file(path, 256U << 20);  // a hole: one line of zeros that takes no space on disk
  const auto growth = memory_growth([&] {
    EXPECT_THAT(read_all(input_file(path, Format::jsonl), 1'000), ElementsAre(ReadRecord{"", 1, true}));
  });
  EXPECT_LT(growth, 64U << 20);
}

TEST_F(LineRecordsTest, ReadsTheSameFromCompressedFiles) {
  std::string content;
  for (int i = 0; i < 60'000; ++i) content += std::string(static_cast<std::size_t>(i % 50), 'y') + "\n";
  const auto expected = reference_lines(content);
  EXPECT_EQ(read_all(input_file(folder_.write("a.txt.gz", gzipped(content)), Format::txt)), expected);
  EXPECT_EQ(read_all(input_file(folder_.write("a.txt.zst", zstandard(content)), Format::txt)), expected);
}

TEST_F(LineRecordsTest, TextIsFollowedBy64ReadableBytes) {
  // The last of them lies behind the buffer's content; the address sanitizer watches.
  const InputFile file = input_file(folder_.write("a.jsonl", "{}"), Format::jsonl);
  const FileIndex index = index_of(file);
  RecordReader reader(file, index, no_limit);
  RawRecord record;
  ASSERT_TRUE(reader.next(record));
  const std::string copy(record.text.data(), record.text.size() + 64);
  EXPECT_EQ(copy.substr(0, 2), "{}");
}

TEST_F(LineRecordsTest, SeekFindsEveryRecordFromEveryOther) {
  std::string content;
  for (int i = 0; i < 300; ++i) content += std::string(static_cast<std::size_t>(40'000 + i), 'z') + "\n\n";
  const auto expected = reference_lines(content);
  for (const auto& path : {folder_.write("a.jsonl", content), folder_.write("a.jsonl.zst", zstandard(content))}) {
    const InputFile file = input_file(path, Format::jsonl);
    const FileIndex index = index_of(file);
    ASSERT_EQ(index.records(), 300U);
    RecordReader reader(file, index, no_limit);
    for (const std::size_t target : {7U, 150U, 299U, 0U, 1U, 250U, 249U, 250U, 120U}) {
      reader.seek(target);
      RawRecord record;
      ASSERT_TRUE(reader.next(record));
      EXPECT_EQ((ReadRecord{std::string(record.text), record.line}), expected[target]);
    }
    reader.seek(300);
    RawRecord record;
    EXPECT_FALSE(reader.next(record));
  }
}

RC_GTEST_FIXTURE_PROP(LineRecordsTest, ReadsWhatTheReferenceReads, ()) {
  const auto content =
      *rc::gen::container<std::string>(rc::gen::element('\n', '\r', ' ', '\t', 'a', '{', '\xEF', '\xBB'));
  const auto mark = *rc::gen::element<std::string>("", "\xEF\xBB\xBF");
  const auto limit = *rc::gen::element<std::uint64_t>(0, 1, 2, 3, no_limit);
  RC_ASSERT(read(mark + content, limit) == reference_lines(mark + content, limit));
}

RC_GTEST_FIXTURE_PROP(LineRecordsTest, TheIndexDoesNotDependOnTheUnits, ()) {
  const auto lines = *rc::gen::container<std::string>(rc::gen::element('\n', '\n', '\r', ' ', 'a', 'b'));
  const auto content = *rc::gen::element<std::string>("", "\xEF\xBB\xBF") + lines;
  const auto unit_bytes = *rc::gen::inRange<std::uint64_t>(1, 40);
  const InputFile file = input_file(folder_.write("u.jsonl", content), Format::jsonl);
  const FileIndex index = index_of(file, unit_bytes);
  const auto expected = reference_lines(content);
  RC_ASSERT(index.records() == expected.size());
  RC_ASSERT(index.bytes() == content.size());
  RecordReader reader(file, index, no_limit);
  for (std::size_t target = expected.size(); target-- > 0;) {
    reader.seek(target);
    RawRecord record;
    RC_ASSERT(reader.next(record));
    RC_ASSERT((ReadRecord{std::string(record.text), record.line}) == expected[target]);
  }
}

}  // namespace
}  // namespace farpoint::corpus
