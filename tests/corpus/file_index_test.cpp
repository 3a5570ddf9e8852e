// SPDX-License-Identifier: Apache-2.0
#include "farpoint/corpus/file_index.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "corpus/compressed.hpp"
#include "corpus/read_all.hpp"
#include "farpoint/base/error.hpp"
#include "temporary_folder.hpp"

namespace farpoint::corpus {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

Section section(std::uint64_t offset, std::uint64_t records, std::uint64_t lines, std::uint64_t bytes) {
  return {
      .offset = offset, .records = records, .lines = lines, .bytes = bytes, .content = hash128(std::to_string(offset))};
}

/// Three sections with records and, in between and at the end, one of blank lines.
std::vector<Section> sample_sections() {
  return {section(0, 10, 12, 1000), section(1000, 20, 20, 500), section(1500, 0, 7, 7), section(1507, 5, 5, 100),
          section(1607, 0, 1, 1)};
}

/// Lines of `bytes` bytes, newline included.
std::string lines(std::size_t count, std::size_t bytes) {
  std::string content;
  for (std::size_t i = 0; i < count; ++i) content += std::string(bytes - 1, static_cast<char>('a' + i % 26)) + '\n';
  return content;
}

void expect_start(const FileIndex::Start& start, std::uint64_t offset, std::uint64_t record, std::uint64_t line) {
  EXPECT_EQ(start.offset, offset);
  EXPECT_EQ(start.record, record);
  EXPECT_EQ(start.line, line);
}

TEST(FileIndexTest, SumsUpItsSections) {
  const FileIndex index(sample_sections());
  EXPECT_EQ(index.records(), 35U);
  EXPECT_EQ(index.bytes(), 1608U);
}

TEST(FileIndexTest, LocatesTheSectionThatHoldsARecord) {
  const FileIndex index(sample_sections());
  expect_start(index.locate(0), 0, 0, 1);
  expect_start(index.locate(9), 0, 0, 1);
  expect_start(index.locate(10), 1000, 10, 13);
  expect_start(index.locate(29), 1000, 10, 13);
  expect_start(index.locate(30), 1507, 30, 40);
  expect_start(index.locate(34), 1507, 30, 40);
}

TEST(FileIndexTest, BehindTheLastRecordItLocatesTheLastSection) {
  expect_start(FileIndex(sample_sections()).locate(1'000), 1607, 35, 45);
  expect_start(FileIndex().locate(0), 0, 0, 1);
}

TEST(FileIndexTest, FingerprintChangesWithTheSectionsOfTheRangeOnly) {
  const FileIndex index(sample_sections());
  auto changed = sample_sections();
  changed[1].content = hash128("changed");
  const FileIndex other(changed);
  EXPECT_NE(other.fingerprint(5, 15), index.fingerprint(5, 15));
  EXPECT_NE(other.fingerprint(29, 31), index.fingerprint(29, 31));
  EXPECT_EQ(other.fingerprint(0, 10), index.fingerprint(0, 10));
  EXPECT_EQ(other.fingerprint(30, 35), index.fingerprint(30, 35));
}

TEST(FileIndexTest, FingerprintChangesWithThePlacesOfTheRecords) {
  const FileIndex index(sample_sections());
  std::set<Hash128> seen;
  for (std::uint64_t begin = 0; begin < 35; ++begin) {
    for (std::uint64_t end = begin + 1; end <= 35; ++end) seen.insert(index.fingerprint(begin, end));
  }
  EXPECT_THAT(seen, SizeIs(35 * 36 / 2));
  auto shifted = sample_sections();
  ++shifted[0].lines;
  EXPECT_NE(FileIndex(shifted).fingerprint(10, 20), index.fingerprint(10, 20)) << "the records' lines changed";
}

TEST(FileIndexTest, FingerprintOfNothingIsAConstant) {
  const FileIndex index(sample_sections());
  EXPECT_EQ(index.fingerprint(5, 5), FileIndex().fingerprint(0, 10));
  EXPECT_EQ(index.fingerprint(35, 99), FileIndex().fingerprint(0, 0));
}

TEST(FileIndexTest, ApproximatesTheBytesOfARange) {
  const FileIndex index(sample_sections());
  EXPECT_EQ(index.approximate_bytes(0, 10), 1000U);
  EXPECT_EQ(index.approximate_bytes(5, 20), 500U + 250U);
  EXPECT_EQ(index.approximate_bytes(0, 99), 1600U);
  EXPECT_EQ(index.approximate_bytes(7, 7), 0U);
}

class ScanTest : public testing::Test {
 protected:
  InputFile jsonl(std::string_view content) const {
    return input_file(folder_.write("a.jsonl", content), Format::jsonl);
  }
  TemporaryFolder folder_;
};

TEST_F(ScanTest, PlansByteRangesForPlainLinesAndOneUnitForOtherFiles) {
  const std::vector<InputFile> files = {
      {.path = "a.jsonl", .format = Format::jsonl, .bytes = 25},
      {.path = "b.json", .format = Format::json, .bytes = 25},
      {.path = "c.jsonl.gz", .format = Format::jsonl, .compression = Compression::gzip, .bytes = 25},
      {.path = "empty.txt", .format = Format::txt, .bytes = 0}};
  std::vector<std::vector<std::uint64_t>> units;
  for (const ScanUnit& unit : plan_scan(files, 10)) units.push_back({unit.file, unit.begin, unit.end});
  EXPECT_THAT(units, testing::ElementsAreArray(std::vector<std::vector<std::uint64_t>>{
                         {0, 0, 10}, {0, 10, 20}, {0, 20, 25}, {1, 0, 25}, {2, 0, 25}, {3, 0, 0}}));
}

TEST_F(ScanTest, SectionsAreAboutFourMebibytesAndCoverTheFile) {
  const std::string content = lines(10'000, 1'000);
  std::uint64_t offset = 0;
  const auto sections = scan_all(jsonl(content));
  ASSERT_THAT(sections, SizeIs(3));
  for (const Section& part : sections) {
    EXPECT_EQ(part.offset, offset);
    EXPECT_EQ(part.content, Hasher().add_raw(content.substr(offset, part.bytes)).digest());
    EXPECT_EQ(part.records, part.bytes / 1'000);
    EXPECT_EQ(part.lines, part.records);
    offset += part.bytes;
  }
  EXPECT_EQ(offset, content.size());
  EXPECT_EQ(sections[0].bytes, 4'195'000U);
}

TEST_F(ScanTest, ALineBelongsToTheUnitInWhichItBegins) {
  const InputFile file = jsonl("aaaa\nbbbbbbbbbbbb\ncc\n");
  const auto first = scan(file, {.file = 0, .begin = 0, .end = 6});
  ASSERT_THAT(first, SizeIs(1));
  EXPECT_EQ(first[0].records, 2U);
  EXPECT_EQ(first[0].bytes, 18U);
  EXPECT_THAT(scan(file, {.file = 0, .begin = 6, .end = 18}), IsEmpty());
  const auto last = scan(file, {.file = 0, .begin = 18, .end = 21});
  ASSERT_THAT(last, SizeIs(1));
  EXPECT_EQ(last[0].offset, 18U);
  EXPECT_EQ(last[0].records, 1U);
}

TEST_F(ScanTest, OneChangedByteChangesTheHashOfItsSection) {
  std::string content = lines(10'000, 1'000);
  const auto before = scan_all(jsonl(content));
  content[5'000'000] = '!';
  const auto after = scan_all(jsonl(content));
  ASSERT_EQ(after.size(), before.size());
  EXPECT_EQ(after[0].content, before[0].content);
  EXPECT_NE(after[1].content, before[1].content);
  EXPECT_EQ(after[2].content, before[2].content);
}

TEST_F(ScanTest, CompressionDoesNotChangeTheSections) {
  const std::string content = lines(9'000, 1'000);
  const auto plain = scan_all(jsonl(content));
  const auto packed = scan_all(input_file(folder_.write("a.jsonl.gz", gzipped(content)), Format::jsonl));
  ASSERT_EQ(packed.size(), plain.size());
  for (std::size_t i = 0; i < plain.size(); ++i) EXPECT_EQ(packed[i].content, plain[i].content);
}

TEST_F(ScanTest, NamesAFileThatCannotBeReadToItsEnd) {
  const std::string packed = gzipped(lines(1'000, 100));
  const InputFile cut = input_file(folder_.write("cut.jsonl.gz", packed.substr(0, packed.size() / 2)), Format::jsonl);
  EXPECT_THAT([&] { scan_all(cut); }, testing::ThrowsMessage<Error>(testing::HasSubstr(cut.path.string())));
}

TEST_F(ScanTest, AnEmptyFileHasNoSections) {
  EXPECT_THAT(scan_all(jsonl("")), IsEmpty());
}

}  // namespace
}  // namespace farpoint::corpus
