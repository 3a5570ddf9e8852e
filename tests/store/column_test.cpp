// SPDX-License-Identifier: Apache-2.0
#include "farpoint/store/column.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "farpoint/base/error.hpp"

namespace farpoint::store {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(Strings, KeepEmptyTextsAndAnyBytes) {
  Strings texts;

  texts.push_back("");
  texts.push_back(std::string_view("a\0b", 3));
  texts.push_back("");

  ASSERT_EQ(texts.size(), 3u);
  EXPECT_EQ(texts[0], "");
  EXPECT_EQ(texts[1], std::string_view("a\0b", 3));
  EXPECT_EQ(texts[2], "");
}

TEST(Column, CountsRowsOfEveryShape) {
  EXPECT_EQ((Column{"a", std::vector<double>{1, 2, 3}, 0}.rows()), 3u);
  EXPECT_EQ((Column{"a", std::vector<float>{1, 2, 3, 4, 5, 6}, 3}.rows()), 2u);
  EXPECT_EQ((Column{"a", std::vector<float>{}, 3}.rows()), 0u);
  EXPECT_EQ((Column{"a", Strings(), 0}.rows()), 0u);
  EXPECT_EQ((Column{"a", Strings{{0, 0, 2}, "xy"}, 0}.rows()), 2u);
}

TEST(Column, NamesItselfWhenItsTypeIsAnother) {
  const Column column{"score", std::vector<double>{1}, 0};

  EXPECT_EQ(column.as<std::vector<double>>().front(), 1.0);
  EXPECT_THAT([&] { column.as<std::vector<float>>(); },
              ThrowsMessage<Error>(testing::AllOf(HasSubstr("'score'"), HasSubstr("float64"))));
}

TEST(Values, HaveANameForEveryType) {
  EXPECT_EQ(type_name(std::vector<std::uint8_t>()), "uint8");
  EXPECT_EQ(type_name(std::vector<std::uint32_t>()), "uint32");
  EXPECT_EQ(type_name(std::vector<std::int64_t>()), "int64");
  EXPECT_EQ(type_name(std::vector<std::uint64_t>()), "uint64");
  EXPECT_EQ(type_name(std::vector<float>()), "float32");
  EXPECT_EQ(type_name(std::vector<double>()), "float64");
  EXPECT_EQ(type_name(Strings()), "text");
}

}  // namespace
}  // namespace farpoint::store
