// SPDX-License-Identifier: Apache-2.0
#include "farpoint/store/table_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fstream>
#include <limits>
#include <numeric>

#include "farpoint/base/atomic_file.hpp"
#include "store/samples.hpp"

namespace farpoint::store {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

constexpr auto all_rows = std::numeric_limits<std::uint64_t>::max();

class TableFileTest : public testing::Test {
 public:
  ~TableFileTest() override { EXPECT_EQ(testing::internal::GetCapturedStderr(), ""); }

 protected:
  TableFileTest() {
    TableWriter writer(path_);
    writer.append({"id", std::vector<std::uint64_t>{10, 11, 12, 13}, 0});
    writer.append({"vectors/emb", std::vector<float>{0, 1, 2, 3, 4, 5}, 2});
    writer.append({"text", strings({"a", "", "ccc"}), 0});
    writer.commit();
    testing::internal::CaptureStderr();
  }

  const TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_ / "table.h5";
};

TEST_F(TableFileTest, ListsDatasetsByFullName) {
  const TableFile table(path_);

  const auto columns = table.columns();

  ASSERT_EQ(columns.size(), 3u);
  EXPECT_EQ(columns[0].name, "id");
  EXPECT_EQ(columns[1].name, "text");
  EXPECT_EQ(columns[1].type, "text");
  EXPECT_EQ(columns[2].name, "vectors/emb");
  EXPECT_EQ(columns[2].type, "float32");
  EXPECT_EQ(columns[2].rows, 3u);
  EXPECT_EQ(columns[2].width, 2u);
  EXPECT_TRUE(table.has("vectors/emb"));
  EXPECT_FALSE(table.has("vectors"));
}

TEST_F(TableFileTest, ReadsRowsAndCutsThemAtTheEnd) {
  const TableFile table(path_);

  EXPECT_EQ(table.read("id", 1, 2).as<std::vector<std::uint64_t>>(), (std::vector<std::uint64_t>{11, 12}));
  EXPECT_EQ(table.read("id", 3, all_rows).as<std::vector<std::uint64_t>>(), (std::vector<std::uint64_t>{13}));
  EXPECT_EQ(table.read("vectors/emb", 2, 5), (Column{"vectors/emb", std::vector<float>{4, 5}, 2}));
  EXPECT_EQ(table.read("text", 1, 2).as<Strings>(), strings({"", "ccc"}));
}

TEST_F(TableFileTest, ReadsNothingBeyondTheEnd) {
  const TableFile table(path_);

  EXPECT_EQ(table.read("id", 4, 1).rows(), 0u);
  EXPECT_EQ(table.read("id", all_rows, all_rows).rows(), 0u);
  EXPECT_EQ(table.read("id", 0, 0).rows(), 0u);
  EXPECT_EQ(table.read("text", 9, 9), (Column{"text", Strings(), 0}));
  EXPECT_EQ(table.read("vectors/emb", 9, 9), (Column{"vectors/emb", std::vector<float>{}, 2}));
}

TEST_F(TableFileTest, NamesFileAndColumnThatIsMissing) {
  const TableFile table(path_);

  EXPECT_THAT([&] { table.read("emb", 0, 1); }, ThrowsMessage<Error>(AllOf(HasSubstr("table.h5"), HasSubstr("'emb'"))));
}

TEST_F(TableFileTest, CanBeMoved) {
  TableFile first(path_);

  const TableFile second = std::move(first);

  EXPECT_TRUE(second.has("id"));
}

TEST_F(TableFileTest, TellsMissingFilesFromDamagedOnes) {
  std::filesystem::create_directory(folder_ / "folder.h5");
  std::ofstream(folder_ / "text.h5") << "not HDF5";
  std::ofstream(folder_ / "empty.h5").flush();

  EXPECT_THAT([&] { TableFile(folder_ / "none.h5"); },
              ThrowsMessage<Error>(HasSubstr("none.h5: cannot open: No such")));
  EXPECT_THAT([&] { TableFile(folder_ / "none.h5"); }, Not(testing::Throws<DamagedFile>()));
  EXPECT_THAT([&] { TableFile(folder_ / "folder.h5"); }, Not(testing::Throws<DamagedFile>()));
  EXPECT_THAT([&] { TableFile(folder_ / "text.h5"); },
              ThrowsMessage<DamagedFile>(HasSubstr("text.h5: not a readable")));
  EXPECT_THROW(TableFile(folder_ / "empty.h5"), DamagedFile);
}

TEST_F(TableFileTest, FindsTruncation) {
  const auto bytes = read_file(path_);
  for (std::size_t length = 0; length < bytes.size(); length += bytes.size() / 50) {
    std::ofstream(path_, std::ios::binary) << std::string_view(bytes).substr(0, length);

    EXPECT_THROW(TableFile{path_}, DamagedFile) << length;
  }
}

RC_GTEST_PROP(TableFileProperty, BlocksJoinToTheWhole, ()) {
  const TemporaryFolder folder;
  const auto rows = *rc::gen::inRange<std::size_t>(0, 60);
  const auto block = *rc::gen::inRange<std::size_t>(1, 20);
  std::vector<double> numbers(rows * 3);
  std::iota(numbers.begin(), numbers.end(), 0.0);
  TableWriter writer(folder / "table.h5");
  writer.append({"x", numbers, 3});
  writer.commit();
  const TableFile table(folder / "table.h5");

  std::vector<double> joined;
  for (std::size_t begin = 0; begin < rows; begin += block) {
    const auto column = table.read("x", begin, block);
    const auto& part = column.as<std::vector<double>>();
    joined.insert(joined.end(), part.begin(), part.end());
  }

  RC_ASSERT(joined == numbers);
}

}  // namespace
}  // namespace farpoint::store
