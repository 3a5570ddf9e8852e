// SPDX-License-Identifier: Apache-2.0
#include "farpoint/corpus/shape.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "farpoint/base/error.hpp"

namespace farpoint::corpus {
namespace {

using Kind = Shape::Kind;

Shape shape_of(const std::vector<std::string>& records) {
  ShapeFinder finder;
  for (const auto& record : records) finder.add(record);
  return finder.finish();
}

/// The shape of the key "a", which alone the records have.
Shape shape_of_values(const std::vector<std::string>& values) {
  std::vector<std::string> records;
  for (const auto& value : values) records.push_back("{\"a\":" + value + "}");
  return shape_of(records).inner.at(0);
}

TEST(ShapeTest, OneKindIsAColumnOfIt) {
  EXPECT_EQ(shape_of_values({"true", "null", "false"}).kind, Kind::boolean);
  EXPECT_EQ(shape_of_values({"\"x\"", "null"}).kind, Kind::text);
  EXPECT_EQ(shape_of_values({"null", "null"}).kind, Kind::null);
  EXPECT_EQ(shape_of_values({"1.5", "2e3"}).kind, Kind::number);
}

TEST(ShapeTest, NumbersAreHeldExactlyOrAsText) {
  EXPECT_EQ(shape_of_values({"9223372036854775807", "-9223372036854775808"}).kind, Kind::integer);
  EXPECT_EQ(shape_of_values({"9223372036854775808", "0"}).kind, Kind::unsigned_integer);
  EXPECT_EQ(shape_of_values({"9223372036854775808", "-1"}).kind, Kind::json);
  EXPECT_EQ(shape_of_values({"18446744073709551616"}).kind, Kind::json);
  EXPECT_EQ(shape_of_values({"-9223372036854775809"}).kind, Kind::json);
  EXPECT_EQ(shape_of_values({"1", "0.5", "-0"}).kind, Kind::number);
  EXPECT_EQ(shape_of_values({"9007199254740992", "0.5"}).kind, Kind::number);
  EXPECT_EQ(shape_of_values({"9007199254740994", "0.5"}).kind, Kind::json);
}

TEST(ShapeTest, DifferentKindsAreTextAndSaySo) {
  const auto shape = shape_of({R"({"b":{"c":[{"r":1,"d":"x"},{"r":2,"d":["y"]}]}})", R"({"a":1})", R"({"a":"1"})"});
  EXPECT_EQ(shape.mixed_paths(), (std::vector<std::string>{"b.c[].d", "a"}));
  EXPECT_EQ(shape.names, (std::vector<std::string>{"b", "a"}));
}

TEST(ShapeTest, ObjectsWithACommonKeyAreColumns) {
  const auto turns = shape_of_values({R"([{"role":"user","content":"x"},{"role":"tool","id":"7"}])", "[]"});
  ASSERT_EQ(turns.kind, Kind::list);
  ASSERT_EQ(turns.inner[0].kind, Kind::object);
  EXPECT_EQ(turns.inner[0].names, (std::vector<std::string>{"role", "content", "id"}));
  EXPECT_EQ(shape_of_values({R"({"city":"Paris"})", R"({"date":"today"})"}).kind, Kind::json);
  EXPECT_EQ(shape_of_values({"{}"}).kind, Kind::json);
  EXPECT_EQ(shape_of_values({R"({"a":1})", "{}"}).kind, Kind::json);
}

TEST(ShapeTest, WhatIsTooDeepOrTooWideIsText) {
  std::string deep = "1", wide = "{\"common\":1";
  for (int i = 0; i < 20; ++i) deep = fmt::format("[{}]", deep);
  for (int i = 0; i < 300; ++i) wide += ",\"k" + std::to_string(i) + "\":1";
  auto shape = shape_of_values({deep});
  while (shape.kind == Kind::list) shape = Shape(shape.inner[0]);
  EXPECT_EQ(shape.kind, Kind::json);
  EXPECT_EQ(shape_of_values({wide + "}"}).kind, Kind::json);
}

TEST(ShapeTest, RefusesTablesOfVeryManyColumns) {
  ShapeFinder finder;
  for (int i = 0; i < 2000; ++i) finder.add("{\"k" + std::to_string(i) + "\":1}");
  EXPECT_THROW(finder.add("{\"more\":1}"), UsageError);
}

TEST(ShapeTest, ReadsKeysAsTheyAreMeant) {
  const auto shape = shape_of({R"({"\u0061\"b":[1,"],}"],"":{"x":"}"}})"});
  EXPECT_EQ(shape.names, (std::vector<std::string>{"a\"b", ""}));
  EXPECT_TRUE(shape.inner[0].inner.at(0).is_mixed);
}

}  // namespace
}  // namespace farpoint::corpus
