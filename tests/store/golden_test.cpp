// SPDX-License-Identifier: Apache-2.0
// Reads the files that tests/golden/make_store_goldens.py wrote through h5py; the expected values stand in both.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "farpoint/store/shard_file.hpp"
#include "farpoint/store/table_file.hpp"
#include "store/samples.hpp"

namespace farpoint::store {
namespace {

using namespace std::string_view_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::ThrowsMessage;

const std::filesystem::path folder = STORE_GOLDEN_DIR;
constexpr auto largest = std::numeric_limits<std::uint64_t>::max();

template <typename Values>
void expect_column(const TableFile& table, const std::string& name, const Values& values, std::size_t width = 0) {
  EXPECT_EQ(table.read(name, 0, largest), (Column{name, values, width})) << name;
}

TEST(GoldenShard, WrittenFromTheDocumentIsWhole) {
  const ShardFile shard(folder / "shard.h5");

  EXPECT_NO_THROW(shard.verify());
  EXPECT_THAT(shard.attributes(), ElementsAre(Pair("empty", ""), Pair("job", "embed"), Pair("nul", "a\0b\0"sv)));
  ASSERT_EQ(shard.columns().size(), 4u);
  EXPECT_EQ(shard.read("id").as<std::vector<std::uint64_t>>(), (std::vector<std::uint64_t>{5, 6, 7}));
  EXPECT_EQ(shard.read("scores/ppl").as<std::vector<double>>(), (std::vector<double>{0.5, 1.5, 2.5}));
  EXPECT_EQ(shard.read("emb"), (Column{"emb", std::vector<float>{0, 1, 2, 3, 4, 5}, 2}));
  EXPECT_EQ(shard.read("text").as<Strings>(), strings({"", "a\0b"sv, "\u4E16\u754C"}));
}

TEST(GoldenTable, IntegersFitTheNextLargerType) {
  const TableFile table(folder / "types.h5");

  expect_column(table, "int8", std::vector<std::int64_t>{-128, 127});
  expect_column(table, "int16", std::vector<std::int64_t>{-32768, 32767});
  expect_column(table, "int32_big_endian", std::vector<std::int64_t>{-2, 3});
  expect_column(table, "int64", std::vector<std::int64_t>{std::numeric_limits<std::int64_t>::min(), 1});
  expect_column(table, "uint8", std::vector<std::uint8_t>{0, 255});
  expect_column(table, "uint16", std::vector<std::uint32_t>{0, 65535});
  expect_column(table, "uint32", std::vector<std::uint32_t>{0, 4294967295U});
  expect_column(table, "uint64", std::vector<std::uint64_t>{0, largest});
  expect_column(table, "bool", std::vector<std::uint8_t>{1, 0});
}

TEST(GoldenTable, FloatsAndMatrices) {
  const TableFile table(folder / "types.h5");

  expect_column(table, "float16", std::vector<float>{0.5F, -2});
  expect_column(table, "float32", std::vector<float>{0.1F, 3});
  expect_column(table, "float64", std::vector<double>{0.1, 3});
  expect_column(table, "matrix", std::vector<float>{0, 1, 2, 3, 4, 5}, 3);
  expect_column(table, "compressed", std::vector<double>(1000, 2.5));
  EXPECT_EQ(table.read("empty", 0, 1).rows(), 0u);
}

TEST(GoldenTable, TextsOfEveryKind) {
  const TableFile table(folder / "types.h5");

  expect_column(table, "text", strings({"", "\u00FC", "long " + std::string(100, 'x')}));
  expect_column(table, "text_ascii", strings({"a", "bc"}));
  expect_column(table, "text_fixed", strings({"ab", "", "abcd"}));
  expect_column(table, "text_fixed_utf8", strings({"\u00FC", "b"}));
  expect_column(table, "text_space_padded", strings({"ab", "c d"}));
}

TEST(GoldenTable, NamesTypesThatItCannotHold) {
  const TableFile table(folder / "types.h5");
  std::map<std::string, std::string> types;
  for (const auto& info : table.columns()) types[info.name] = info.type;

  EXPECT_EQ(types.at("odd/compound"), "compound");
  EXPECT_EQ(types.at("odd/enum"), "enum");
  EXPECT_EQ(types.at("odd/scalar"), "float64 of shape ()");
  EXPECT_EQ(types.at("odd/cube"), "float32 of shape (1, 2, 3)");
  EXPECT_EQ(types.at("odd/lists"), "vlen");
  EXPECT_EQ(types.at("odd/nothing"), "float32 without values");
  for (const auto& [name, type] : types) {
    if (!name.starts_with("odd/")) continue;
    const auto read = [&, column = name] { table.read(column, 0, 1); };
    EXPECT_THAT(read, ThrowsMessage<Error>(AllOf(HasSubstr("types.h5"), HasSubstr(name), HasSubstr(type))));
  }
}

TEST(GoldenTable, AttributesOfEveryKind) {
  const TableFile table(folder / "types.h5");

  EXPECT_THAT(table.attributes(),
              ElementsAre(Pair("bool", Attribute(std::uint64_t{1})), Pair("bytes", Attribute("fixed")),
                          Pair("float32", Attribute(0.5)), Pair("int", Attribute(std::uint64_t{7})),
                          Pair("negative", Attribute(-3.0)), Pair("text", Attribute("\u00FC"))));
}

TEST(GoldenTable, ASubsetWrittenByH5py) {
  const TableFile table(folder / "subset.h5");

  expect_column(table, "id", std::vector<std::uint64_t>{4, 0});
  expect_column(table, "record", strings({R"({"text": "d"})", R"({"text": "a"})"}));
  expect_column(table, "source_index", std::vector<std::uint32_t>{0, 0});
  expect_column(table, "distance", std::vector<double>{std::numeric_limits<double>::infinity(), 0.75});
  expect_column(table, "vectors/emb", std::vector<float>{1, 0, 0, 1}, 2);
  EXPECT_EQ(table.attributes().at("method"), Attribute("k-center"));
  EXPECT_EQ(table.attributes().at("radius"), Attribute(0.75));
}

}  // namespace
}  // namespace farpoint::store
