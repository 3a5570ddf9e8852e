// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/store/table_file.hpp"
#include "store/samples.hpp"

namespace farpoint::store {
namespace {

using namespace std::string_view_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

Column read_all(const TableFile& table, const std::string& name) {
  return table.read(name, 0, std::numeric_limits<std::uint64_t>::max());
}

/// `values` again at the end of themselves.
void repeat(Strings& texts) {
  const Strings once = texts;
  for (std::size_t i = 0; i < once.size(); ++i) texts.push_back(once[i]);
}
template <typename Number>
void repeat(std::vector<Number>& numbers) {
  const auto once = numbers;
  numbers.insert(numbers.end(), once.begin(), once.end());
}

TEST(TableWriter, JoinsTheBlocksOfEveryType) {
  const TemporaryFolder folder;
  TableWriter writer(folder / "new/table.h5");
  std::vector<Column> expected;

  for (const auto& column : sample_columns()) {
    if (column.name == "text.nul") continue;  // not UTF-8
    writer.append(column);
    writer.append(column);
    expected.push_back(column);
    std::visit([](auto& values) { repeat(values); }, expected.back().values);
  }
  writer.commit();

  const TableFile table(folder / "new/table.h5");
  EXPECT_EQ(table.columns().size(), expected.size());
  for (const auto& column : expected) EXPECT_EQ(read_all(table, column.name), column) << column.name;
}

TEST(TableWriter, TakesColumnsOfDifferentLengths) {
  const TemporaryFolder folder;
  TableWriter writer(folder / "table.h5");

  writer.append({"id", std::vector<std::uint64_t>{1}, 0});
  writer.append({"pool/id", std::vector<std::uint64_t>(100'000, 2), 0});
  writer.append({"id", std::vector<std::uint64_t>{}, 0});
  writer.append({"id", std::vector<std::uint64_t>{3, 4}, 0});
  writer.commit();

  const TableFile table(folder / "table.h5");
  EXPECT_EQ(read_all(table, "id").as<std::vector<std::uint64_t>>(), (std::vector<std::uint64_t>{1, 3, 4}));
  EXPECT_EQ(read_all(table, "pool/id").rows(), 100'000u);
}

TEST(TableWriter, KeepsTextsLongerThanAChunkAndRowsLongerThanACache) {
  const TemporaryFolder folder;
  TableWriter writer(folder / "table.h5");
  const Column texts{"text", strings({std::string(3 << 20, 'x'), "", std::string(70'000, 'y')}), 0};
  const Column rows{"row", std::vector<float>(600'000, 0.5F), 300'000};

  writer.append(texts);
  writer.append(rows);
  writer.commit();

  const TableFile table(folder / "table.h5");
  EXPECT_EQ(read_all(table, "text"), texts);
  EXPECT_EQ(read_all(table, "row"), rows);
}

TEST(TableWriter, WritesNulAsReplacementCharacter) {
  const TemporaryFolder folder;
  TableWriter writer(folder / "table.h5");

  writer.append({"text", strings({"a\0b"sv, "\0\0"sv, "c\0"sv}), 0});
  writer.set("note", std::string("x\0y"sv));
  writer.commit();

  const TableFile table(folder / "table.h5");
  EXPECT_EQ(read_all(table, "text").as<Strings>(), strings({"a\uFFFDb", "\uFFFD\uFFFD", "c\uFFFD"}));
  EXPECT_EQ(table.attributes().at("note"), Attribute("x\uFFFDy"));
}

TEST(TableWriter, KeepsAttributesAndTheLastOfAName) {
  const TemporaryFolder folder;
  TableWriter writer(folder / "table.h5");
  const std::string config(100'000, 'c');

  writer.set("config", config);
  writer.set("empty", std::string());
  writer.set("radius", 1.0);
  writer.set("radius", 0.25);
  writer.set("format_version", std::uint64_t{1});
  writer.commit();

  EXPECT_THAT(
      TableFile(folder / "table.h5").attributes(),
      ElementsAre(std::pair("config", Attribute(config)), std::pair("empty", Attribute("")),
                  std::pair("format_version", Attribute(std::uint64_t{1})), std::pair("radius", Attribute(0.25))));
}

TEST(TableWriter, LeavesNothingWithoutCommit) {
  const TemporaryFolder folder;
  {
    TableWriter writer(folder / "table.h5");
    writer.append({"id", std::vector<std::uint64_t>{1}, 0});
    EXPECT_THAT(folder.content(), ElementsAre("table.h5.tmp"));
  }
  EXPECT_TRUE(folder.content().empty());
}

TEST(TableWriter, KeepsTheOldFileUntilCommit) {
  const TemporaryFolder folder;
  write_file(folder / "table.h5", "old");
  TableWriter writer(folder / "table.h5");
  writer.append({"id", std::vector<std::uint64_t>{1}, 0});

  EXPECT_EQ(read_file(folder / "table.h5"), "old");
  writer.commit();

  EXPECT_TRUE(TableFile(folder / "table.h5").has("id"));
}

TEST(TableWriter, RefusesBlocksThatDoNotFollow) {
  const TemporaryFolder folder;
  TableWriter writer(folder / "table.h5");
  writer.append({"emb", std::vector<float>{1, 2}, 2});

  EXPECT_THAT(
      [&] {
        writer.append({"emb", std::vector<double>{1, 2}, 2});
      },
      ThrowsMessage<Error>(AllOf(HasSubstr("'emb'"), HasSubstr("float64"), HasSubstr("float32"))));
  EXPECT_THAT(
      [&] {
        writer.append({"emb", std::vector<float>{1, 2, 3}, 3});
      },
      ThrowsMessage<Error>(HasSubstr("'emb'")));
  EXPECT_THAT(
      [&] {
        writer.append({"emb", std::vector<float>{1, 2, 3}, 2});
      },
      ThrowsMessage<Error>(HasSubstr("'emb'")));
  EXPECT_THAT(
      [&] {
        writer.append({"emb/x", std::vector<float>{1}, 0});
      },
      ThrowsMessage<Error>(AllOf(HasSubstr("table.h5"), HasSubstr("emb/x"))));
}

TEST(TableWriter, NeverWritesWhatIsNotUtf8) {
  const TemporaryFolder folder;
  TableWriter writer(folder / "table.h5");

  // The second pair is valid only in its sum.
  for (const auto& texts : {strings({"ok", "\xff"}), strings({"\xc3", "\xbc"})}) {
    EXPECT_THAT(
        [&] {
          writer.append({"text", texts, 0});
        },
        ThrowsMessage<Error>(AllOf(HasSubstr("'text'"), HasSubstr("UTF-8"))));
  }
  EXPECT_THAT([&] { writer.set("note", "\xff"); }, ThrowsMessage<Error>(HasSubstr("'note'")));
  writer.commit();

  EXPECT_TRUE(TableFile(folder / "table.h5").columns().empty());
}

TEST(TableWriter, IsTheSameBytesForTheSameContent) {
  const TemporaryFolder folder;
  for (const auto* name : {"a.h5", "b.h5"}) {
    TableWriter writer(folder / name);
    writer.set("config", "x: 1");
    for (const auto& column : sample_columns()) {
      if (column.name != "text.nul") writer.append(column);
    }
    writer.commit();
  }

  EXPECT_EQ(read_file(folder / "a.h5"), read_file(folder / "b.h5"));
}

RC_GTEST_PROP(TableWriterProperty, KeepsTextsInAnyBlocks, (const std::vector<std::vector<std::string>>& blocks)) {
  const TemporaryFolder folder;
  TableWriter writer(folder / "table.h5");
  Strings expected;
  writer.append({"text", Strings(), 0});
  for (const auto& block : blocks) {
    Strings texts;
    for (auto text : block) {
      for (char& c : text) c = c == '\0' || static_cast<unsigned char>(c) > 0x7f ? 'x' : c;  // ASCII is UTF-8
      texts.push_back(text);
      expected.push_back(text);
    }
    writer.append({"text", texts, 0});
  }

  writer.commit();

  RC_ASSERT(read_all(TableFile(folder / "table.h5"), "text").as<Strings>() == expected);
}

}  // namespace
}  // namespace farpoint::store
