// SPDX-License-Identifier: Apache-2.0
#include "farpoint/corpus/parquet.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/corpus/file_index.hpp"
#include "farpoint/corpus/record_reader.hpp"
#include "temporary_folder.hpp"

namespace farpoint::corpus {
namespace {

class ParquetTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!why_no_parquet().empty()) GTEST_SKIP() << why_no_parquet();
  }

  std::filesystem::path write(const std::vector<std::string>& records) const {
    ShapeFinder finder;
    for (const auto& record : records) finder.add(record);
    const auto shape = finder.finish();
    const auto path = folder_.path() / "a.parquet";
    ParquetWriter writer(path, shape);
    for (const auto& record : records) writer.write(record);
    writer.close();
    return path;
  }

  static std::vector<std::string> read(const std::filesystem::path& path) {
    ParquetFile file(path);
    std::vector<std::string> records;
    std::string_view json;
    while (file.next(json)) records.emplace_back(json);
    return records;
  }

  TemporaryFolder folder_;
};

std::vector<std::string> numbered(int count) {
  std::vector<std::string> records;
  for (int i = 0; i < count; ++i) records.push_back("{\"n\":" + std::to_string(i) + ",\"text\":\"row\"}");
  return records;
}

TEST_F(ParquetTest, GivesRecordsBackAsTheyWere) {
  const std::vector<std::string> records{
      R"({"i":-9223372036854775808,"u":18446744073709551615,"x":0.1,"t":"\"\\\n\u0000é😀","b":true})",
      R"({"i":9223372036854775807,"u":0,"x":-0.0,"t":"","b":false})",
      R"({"turns":[{"role":"user","content":"x"},{"role":"gpt","calls":[{"name":"f","args":{"a":1}}]}]})",
      R"({"turns":[],"huge":1180591620717411303424,"mixed":[1,"1",null,[2.50]]})",
      R"({"turns":[{"role":"gpt","calls":[{"name":"g","args":{"b":[{}]}}]}],"mixed":"{\"no\":\"object\"}"})",
      R"({"x":1e300,"empty":{},"mixed":{"k":1.0}})",
      R"({"x":5e-324,"t":"2026-01-31 10:00:00","deep":{"er":{"v":[[1],[],[2,3]]}}})"};
  EXPECT_EQ(read(write(records)).size(), records.size());
  const auto back = read(write(records));
  for (std::size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(nlohmann::json::parse(back[i]), nlohmann::json::parse(records[i])) << back[i];
  }
  EXPECT_NE(back[0].find("18446744073709551615"), std::string::npos);
  EXPECT_NE(back[1].find("-0.0"), std::string::npos);
  EXPECT_NE(back[3].find("1180591620717411303424"), std::string::npos);
  EXPECT_NE(back[3].find("2.50"), std::string::npos);
}

TEST_F(ParquetTest, NullIsWhatIsLeftOut) {
  const auto back = read(write({R"({"a":null,"b":[null,1]})", R"({"a":1,"b":null,"a":2})"}));
  EXPECT_EQ(back, (std::vector<std::string>{R"({"b":[null,1]})", R"({"a":2})"}));
}

TEST_F(ParquetTest, NoRecordsAreAFileToo) {
  EXPECT_TRUE(read(write({})).empty());
}

TEST_F(ParquetTest, SeeksToAnyRow) {
  const auto path = write(numbered(1000));
  ParquetFile file(path);
  EXPECT_EQ(file.rows(), 1000U);
  std::string_view json;
  for (const std::uint64_t row : {700U, 701U, 950U, 0U, 256U, 999U, 255U}) {
    file.seek(row);
    ASSERT_TRUE(file.next(json));
    EXPECT_EQ(nlohmann::json::parse(json)["n"], row);
  }
  file.seek(1000);
  EXPECT_FALSE(file.next(json));
  file.seek(3);
  ASSERT_TRUE(file.next(json));
  EXPECT_EQ(nlohmann::json::parse(json)["n"], 3);
}

TEST_F(ParquetTest, IsScannedAndReadLikeAnyFile) {
  const InputFile file{.path = write(numbered(600)),
                       .format = Format::parquet,
                       .bytes = std::filesystem::file_size(folder_.path() / "a.parquet")};
  const std::vector<InputFile> files{file};
  const auto units = plan_scan(files, 100);
  ASSERT_EQ(units.size(), 1U);
  const FileIndex index(scan(file, units[0]));
  EXPECT_EQ(index.records(), 600U);
  RecordReader reader(file, index, 100);
  RawRecord record;
  reader.seek(599);
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.line, 600U);
  EXPECT_FALSE(reader.next(record));
  RecordReader narrow(file, index, 5);
  ASSERT_TRUE(narrow.next(record));
  EXPECT_TRUE(record.too_large);

  const auto before = index.fingerprint(0, 10);
  auto records = numbered(600);
  records[599] = R"({"n":599,"text":"other"})";
  write(records);
  auto changed = file;
  changed.bytes = std::filesystem::file_size(file.path);
  EXPECT_NE(FileIndex(scan(changed, units[0])).fingerprint(0, 10), before);
}

TEST_F(ParquetTest, DamagedFilesAreRefusedByName) {
  const auto whole = read_file(write(numbered(300)));
  const auto path = folder_.path() / "a.parquet";
  for (const auto& content : {std::string(), std::string("PAR1"), whole.substr(0, whole.size() / 2),
                              whole.substr(0, whole.size() - 1), "PAR1" + std::string(100, 'x') + "PAR1"}) {
    folder_.write("a.parquet", content);
    try {
      read(path);
      FAIL() << "a file of " << content.size() << " bytes was read";
    } catch (const UsageError& error) {
      EXPECT_NE(std::string(error.what()).find("a.parquet"), std::string::npos) << error.what();
    }
  }
}

TEST_F(ParquetTest, AnyChangedByteIsReadOrRefused) {
  const auto whole = read_file(write(numbered(40)));
  std::mt19937_64 draw(1);
  int refused = 0;
  for (int i = 0; i < 400; ++i) {
    auto content = whole;
    for (int changes = 0; changes < 1 + i % 3; ++changes) content[draw() % content.size()] = static_cast<char>(draw());
    const auto path = folder_.write("b.parquet", content);
    try {
      read(path);
    } catch (const Error& error) {
      ++refused;
      ASSERT_NE(std::string(error.what()).find("b.parquet"), std::string::npos) << error.what();
    }
  }
  EXPECT_GT(refused, 200);
}

}  // namespace
}  // namespace farpoint::corpus
