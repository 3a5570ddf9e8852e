// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "farpoint/base/error.hpp"
#include "farpoint/clean/pattern_set.hpp"
#include "temporary_folder.hpp"

namespace farpoint::clean {
namespace {

using testing::HasSubstr;

class BlockList : public testing::Test {
 protected:
  std::vector<Pattern> read(const std::string& content) {
    std::ofstream(file(), std::ios::binary) << content;
    return read_block_list(file());
  }
  std::filesystem::path file() const { return folder_.path() / "blocked.txt"; }

  void expect_error(const std::string& content, const std::string& line, const std::string& reason) {
    try {
      read(content);
      FAIL() << content;
    } catch (const UsageError& error) {
      EXPECT_THAT(error.what(), HasSubstr(file().string() + ":" + line));
      EXPECT_THAT(error.what(), HasSubstr(reason));
    }
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(BlockList, has_phrases_and_expressions) {
  const PatternSet set(
      read("\xef\xbb\xbf# comment\r\n\r\nbad phrase\r\n  /ex[pq]ression/ \r\nC++\r\n屏蔽词\r\n/\r\nlast"));
  ASSERT_EQ(set.size(), 6U);
  EXPECT_EQ(set[0].origin, file().string() + ":3");
  EXPECT_EQ(set[5].origin, file().string() + ":8");
  EXPECT_EQ(set.first_match("A BAD Phrase."), 0U);
  EXPECT_EQ(set.first_match("a bad phrases"), std::nullopt);
  EXPECT_EQ(set.first_match("unbad phrase"), std::nullopt);
  EXPECT_EQ(set.first_match("是bad phrase吗"), 0U);
  EXPECT_EQ(set.first_match("an exqression"), 1U);
  EXPECT_EQ(set.first_match("an EXPRESSION"), std::nullopt);
  EXPECT_EQ(set.first_match("in c++17"), 2U);
  EXPECT_EQ(set.first_match("ccc"), std::nullopt);
  EXPECT_EQ(set.first_match("这个屏蔽词在中间"), 3U);
  EXPECT_EQ(set.first_match("a/b"), 4U);
  EXPECT_EQ(set.first_match("at last"), 5U);
}

TEST_F(BlockList, may_be_empty) {
  EXPECT_TRUE(read("").empty());
  EXPECT_TRUE(read("\n# only\n   \n\r\n").empty());
}

TEST_F(BlockList, names_the_line_of_a_mistake) {
  expect_error("fine\n/(open/\n", "2", "missing )");
  expect_error("//\n", "1", "empty");
  expect_error("fine\n\n\xff\xfe\n", "3", "UTF-8");
  expect_error("# latin \xe9\n", "1", "UTF-8");
}

TEST_F(BlockList, must_be_a_file_that_can_be_read) {
  EXPECT_THROW(read_block_list(file() / "missing"), UsageError);
  EXPECT_THROW(read_block_list(file().parent_path()), UsageError);
}

}  // namespace
}  // namespace farpoint::clean
