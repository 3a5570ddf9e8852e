// SPDX-License-Identifier: Apache-2.0
#include "farpoint/store/shard_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "farpoint/base/atomic_file.hpp"
#include "store/samples.hpp"

namespace farpoint::store {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// All columns of a shard, in the order of columns().
std::vector<Column> read_all(const ShardFile& shard) {
  std::vector<Column> columns;
  for (const auto& info : shard.columns()) columns.push_back(shard.read(info.name));
  return columns;
}

void sort_by_name(std::vector<Column>& columns) {
  std::sort(columns.begin(), columns.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
}

TEST(ShardFile, GivesBackWhatWasWritten) {
  const TemporaryFolder folder;
  auto columns = sample_columns();

  write_shard(folder / "new/shard.h5", sample_attributes(), columns);

  const ShardFile shard(folder / "new/shard.h5");
  sort_by_name(columns);
  EXPECT_EQ(read_all(shard), columns);
  EXPECT_EQ(shard.attributes(), sample_attributes());
  EXPECT_NO_THROW(shard.verify());
  EXPECT_EQ(intact_shard(folder / "new/shard.h5"), sample_attributes());
  EXPECT_THAT(TemporaryFolder().content(), ElementsAre());
}

TEST(ShardFile, DescribesItsColumns) {
  const TemporaryFolder folder;
  write_shard(folder / "shard.h5", {}, sample_columns());

  const ShardFile shard(folder / "shard.h5");

  const auto columns = shard.columns();
  ASSERT_EQ(columns.size(), sample_columns().size());
  for (const auto& expected : sample_columns()) {
    const auto info =
        std::find_if(columns.begin(), columns.end(), [&](const auto& c) { return c.name == expected.name; });
    ASSERT_NE(info, columns.end()) << expected.name;
    EXPECT_EQ(info->type, type_name(expected.values)) << expected.name;
    EXPECT_EQ(info->rows, expected.rows()) << expected.name;
    EXPECT_EQ(info->width, expected.width) << expected.name;
    EXPECT_TRUE(shard.has(expected.name));
  }
  EXPECT_FALSE(shard.has("scores"));
  EXPECT_FALSE(shard.has("text/bytes"));
}

TEST(ShardFile, HoldsNothingAtAll) {
  const TemporaryFolder folder;

  write_shard(folder / "shard.h5", {}, {});

  const ShardFile shard(folder / "shard.h5");
  EXPECT_TRUE(shard.columns().empty());
  EXPECT_TRUE(shard.attributes().empty());
  EXPECT_EQ(intact_shard(folder / "shard.h5"), Attributes());
}

TEST(ShardFile, KeepsTheBitsOfNumbers) {
  const TemporaryFolder folder;
  const std::vector<double> odd{std::nan("1"), std::nan("2"), -0.0, std::numeric_limits<double>::denorm_min()};
  const std::vector<Column> columns{{"odd", odd, 0}};

  write_shard(folder / "shard.h5", {}, columns);

  const auto column = ShardFile(folder / "shard.h5").read("odd");
  const auto& read = column.as<std::vector<double>>();
  ASSERT_EQ(read.size(), odd.size());
  EXPECT_EQ(std::memcmp(read.data(), odd.data(), odd.size() * sizeof(double)), 0);
}

TEST(ShardFile, KeepsLongAttributes) {
  const TemporaryFolder folder;
  const Attributes attributes{{"a", std::string(59'999, 'y')}, {"b", std::string(59'999, 'z')}, {"short", "x"}};

  write_shard(folder / "shard.h5", attributes, {});

  EXPECT_EQ(intact_shard(folder / "shard.h5"), attributes);
}

TEST(ShardFile, IsTheSameBytesForTheSameContent) {
  const TemporaryFolder folder;
  auto reversed = sample_columns();
  std::reverse(reversed.begin(), reversed.end());

  write_shard(folder / "a.h5", sample_attributes(), sample_columns());
  write_shard(folder / "b.h5", sample_attributes(), reversed);

  EXPECT_EQ(read_file(folder / "a.h5"), read_file(folder / "b.h5"));
}

TEST(ShardFile, ReplacesAnOlderFileAndStaleRests) {
  const TemporaryFolder folder;
  write_file(folder / "shard.h5", "damaged");
  write_file(temporary_name(folder / "shard.h5"), "left by a killed run");

  write_shard(folder / "shard.h5", sample_attributes(), sample_columns());

  EXPECT_TRUE(intact_shard(folder / "shard.h5").has_value());
  EXPECT_THAT(folder.content(), ElementsAre("shard.h5"));
}

TEST(ShardFile, MayHoldColumnsInTheGroupOfAText) {
  const TemporaryFolder folder;
  const std::vector<Column> columns{{"text", strings({"x"}), 0}, {"text/length", std::vector<double>{1}, 0}};

  write_shard(folder / "shard.h5", {}, columns);

  EXPECT_EQ(read_all(ShardFile(folder / "shard.h5")), columns);
}

TEST(ShardFile, CanBeMoved) {
  const TemporaryFolder folder;
  write_shard(folder / "shard.h5", {{"a", "1"}}, {});
  ShardFile first(folder / "shard.h5");

  const ShardFile second = std::move(first);

  EXPECT_EQ(second.attributes().at("a"), "1");
}

TEST(ShardFile, NamesAMissingColumn) {
  const TemporaryFolder folder;
  write_shard(folder / "shard.h5", {}, sample_columns());
  const ShardFile shard(folder / "shard.h5");

  EXPECT_THAT([&] { shard.read("ppl"); }, ThrowsMessage<Error>(AllOf(HasSubstr("shard.h5"), HasSubstr("'ppl'"))));
}

TEST(WriteShard, RefusesColumnsThatCouldNotBeReadBack) {
  const TemporaryFolder folder;
  const auto write = [&](std::vector<Column> columns) {
    return [&folder, columns] { write_shard(folder / "shard.h5", {}, columns); };
  };
  const std::vector<double> one{1};

  for (const auto* name : {"", "/a", "a/", "a//b", "./a", "a/.", "\xff"}) {
    EXPECT_THAT(write({{name, one, 0}}), ThrowsMessage<Error>(HasSubstr("column name"))) << name;
  }
  EXPECT_THAT(write({{"a", one, 0}, {"a", one, 0}}), ThrowsMessage<Error>(HasSubstr("two columns with the name 'a'")));
  EXPECT_THAT(write({{"a", one, 0}, {"a/b", one, 0}}),
              ThrowsMessage<Error>(AllOf(HasSubstr("shard.h5"), HasSubstr("a/b"))));
  EXPECT_THAT(write({{"a", strings({"x"}), 0}, {"a/bytes", one, 0}}), ThrowsMessage<Error>(HasSubstr("a/bytes")));
  EXPECT_THAT(write({{"a", std::vector<float>{1, 2, 3}, 2}}), ThrowsMessage<Error>(HasSubstr("whole rows")));
  EXPECT_THAT(write({{"a", Strings{{0, 2, 1}, "x"}, 0}}), ThrowsMessage<Error>(HasSubstr("'a'")));
  EXPECT_THAT(write({{"a", Strings{{}, ""}, 0}}), ThrowsMessage<Error>(HasSubstr("'a'")));
  EXPECT_THAT(write({{"a", Strings(), 1}}), ThrowsMessage<Error>(HasSubstr("'a'")));
  EXPECT_TRUE(folder.content().empty());
}

TEST(WriteShard, RefusesTheFormatsOwnAttributeNames) {
  const TemporaryFolder folder;

  for (const auto* name : {"format", "format_version", "checksum", ""}) {
    EXPECT_THROW(write_shard(folder / "shard.h5", {{name, "x"}}, {}), Error) << name;
  }
  EXPECT_TRUE(folder.content().empty());
}

TEST(WriteShard, RefusesAttributesThatDoNotFitTheHeader) {
  const TemporaryFolder folder;
  const Attributes attributes{{"config", std::string(60'000, 'c')}};

  EXPECT_THAT([&] { write_shard(folder / "shard.h5", attributes, {}); },
              ThrowsMessage<Error>(AllOf(HasSubstr("'config'"), HasSubstr("60006 bytes"), HasSubstr("60000"))));
}

TEST(WriteShard, NamesAFolderThatCannotBe) {
  const TemporaryFolder folder;
  write_file(folder / "file", "");

  EXPECT_THAT([&] { write_shard(folder / "file/shard.h5", {}, {}); }, ThrowsMessage<Error>(HasSubstr("file/shard.h5")));
}

TEST(WriteShard, LeavesNothingWhenAFolderHasTheName) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "shard.h5");

  EXPECT_THAT([&] { write_shard(folder / "shard.h5", {}, {}); }, ThrowsMessage<Error>(HasSubstr("shard.h5")));

  EXPECT_THAT(folder.content(), ElementsAre("shard.h5"));
}

template <typename Number>
void round_trip_numbers() {
  const TemporaryFolder folder;
  const auto width = *rc::gen::inRange<std::size_t>(0, 5);
  auto numbers = *rc::gen::arbitrary<std::vector<Number>>();
  numbers.resize(width == 0 ? numbers.size() : numbers.size() / width * width);
  const std::vector<Column> columns{{"x", numbers, width}};

  write_shard(folder / "shard.h5", {}, columns);

  RC_ASSERT(ShardFile(folder / "shard.h5").read("x") == columns.front());
}

RC_GTEST_PROP(ShardFileProperty, KeepsUint8, ()) {
  round_trip_numbers<std::uint8_t>();
}
RC_GTEST_PROP(ShardFileProperty, KeepsUint32, ()) {
  round_trip_numbers<std::uint32_t>();
}
RC_GTEST_PROP(ShardFileProperty, KeepsInt64, ()) {
  round_trip_numbers<std::int64_t>();
}
RC_GTEST_PROP(ShardFileProperty, KeepsUint64, ()) {
  round_trip_numbers<std::uint64_t>();
}
RC_GTEST_PROP(ShardFileProperty, KeepsFloat32, ()) {
  round_trip_numbers<float>();
}
RC_GTEST_PROP(ShardFileProperty, KeepsFloat64, ()) {
  round_trip_numbers<double>();
}

RC_GTEST_PROP(ShardFileProperty, KeepsTextsAndAttributes,
              (const std::vector<std::string>& texts, const std::string& fact)) {
  const TemporaryFolder folder;
  Strings packed;
  for (const auto& text : texts) packed.push_back(text);
  const std::vector<Column> columns{{"text", packed, 0}};

  write_shard(folder / "shard.h5", {{"fact", fact}}, columns);

  const ShardFile shard(folder / "shard.h5");
  RC_ASSERT(shard.read("text") == columns.front());
  RC_ASSERT(shard.attributes().at("fact") == fact);
}

}  // namespace
}  // namespace farpoint::store
