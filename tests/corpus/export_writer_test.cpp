// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/corpus/convert.hpp"
#include "temporary_folder.hpp"

namespace farpoint::corpus {
namespace {

namespace fs = std::filesystem;

class ExportWriterTest : public testing::Test {
 protected:
  std::string written(const std::string& name, const std::vector<std::string>& lines) const {
    ExportWriter writer(folder_ / name);
    for (const std::string& line : lines) writer.write(line);
    writer.commit();
    return read_file(folder_ / name);
  }

  const TemporaryFolder folder_;
};

TEST_F(ExportWriterTest, WritesLines) {
  EXPECT_EQ(written("a.jsonl", {"{}", "[1]"}), "{}\n[1]\n");
  EXPECT_EQ(written("empty.jsonl", {}), "");
}

TEST_F(ExportWriterTest, WritesAnArrayAlsoOfOneAndOfNothing) {
  for (const std::vector<std::string>& lines :
       {std::vector<std::string>{}, {R"({"a":1})"}, {R"({"a":1})", R"({"b":2})", "3"}}) {
    const auto array = nlohmann::json::parse(written("a.json", lines));

    ASSERT_TRUE(array.is_array());
    ASSERT_EQ(array.size(), lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) EXPECT_EQ(array[i].dump(), lines[i]);
  }
}

TEST_F(ExportWriterTest, LeavesNothingWithoutCommit) {
  {
    ExportWriter writer(folder_ / "a.json");
    writer.write("{}");
  }
  EXPECT_TRUE(fs::is_empty(folder_.path()));
}

TEST_F(ExportWriterTest, RefusesNamesOfCompressedFiles) {
  for (const char* name : {"a.jsonl.gz", "a.json.ZST"}) {
    try {
      ExportWriter writer(folder_ / name);
      ADD_FAILURE() << "no error";
    } catch (const UsageError& error) {
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
    }
  }
  EXPECT_TRUE(fs::is_empty(folder_.path()));
}

TEST_F(ExportWriterTest, NamesTheFileThatCannotBeWritten) {
  write_file(folder_ / "file", "");
  try {
    ExportWriter writer(folder_ / "file" / "a.json");
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("a.json"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace farpoint::corpus
