// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/options.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>

namespace farpoint::pipeline {

enum class Colour { red, green };
template <>
struct Names<Colour> {
  static constexpr std::array<std::string_view, 2> values{"red", "green"};
};

namespace {

struct Inner {
  std::optional<double> limit;
  static Fields<Inner> fields() { return {option("limit", &Inner::limit, "an upper limit")}; }
};

struct Example {
  std::string name;
  Colour colour = Colour::green;
  bool on = true;
  std::uint64_t count = 3;
  double share = 0.5;
  Inner inner;
  std::map<std::string, Inner> many;
  std::vector<std::string> words;

  static Fields<Example> fields() {
    return {option("name", &Example::name, "required").need(), option("colour", &Example::colour, "a choice"),
            option("on", &Example::on, "a switch").speed(),    option("count", &Example::count, "how many"),
            option("share", &Example::share, "how much"),      option("inner", &Example::inner, "more"),
            option("many", &Example::many, "by name"),         option("words", &Example::words, "a list")};
  }
};

Example decoded(const std::string& text) {
  return decode<Example>(parse_yaml(text, "f"), "example");
}

std::string mistake_in(const std::string& text) {
  try {
    decoded(text);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST(Options, DefaultsStayWhereNothingIsSaid) {
  const auto example = decoded("name: x");
  EXPECT_EQ(example.colour, Colour::green);
  EXPECT_EQ(example.count, 3U);
  EXPECT_FALSE(example.inner.limit);
}

TEST(Options, EveryTypeIsRead) {
  const auto example = decoded(
      "{name: '7', colour: red, on: false, count: 9, share: 1e-3, inner: {limit: -2}, many: {a: {limit: 1}}, words: "
      "[u, v]}");
  EXPECT_EQ(example.name, "7");
  EXPECT_EQ(example.colour, Colour::red);
  EXPECT_FALSE(example.on);
  EXPECT_EQ(example.count, 9U);
  EXPECT_EQ(example.share, 1e-3);
  EXPECT_EQ(example.inner.limit, -2.0);
  EXPECT_EQ(example.many.at("a").limit, 1.0);
  EXPECT_EQ(example.words, (std::vector<std::string>{"u", "v"}));
}

TEST(Options, MistakesNameKeyValueAndPlace) {
  EXPECT_EQ(mistake_in("{name: x, coulor: red}"), "f:1:11: unknown key 'coulor' in 'example' (did you mean 'colour'?)");
  EXPECT_EQ(mistake_in("{name: x, inner: {lmit: 1}}"),
            "f:1:19: unknown key 'lmit' in 'example.inner' (did you mean 'limit'?)");
  EXPECT_EQ(mistake_in("{name: x, colour: gren}"),
            "f:1:19: 'example.colour' must be red or green, not 'gren' (did you mean 'green'?)");
  EXPECT_EQ(mistake_in("{name: x, count: -1}"),
            "f:1:18: 'example.count' must be a whole number that is not negative, not '-1'");
  EXPECT_EQ(mistake_in("{name: x, count: '3'}"),
            "f:1:18: 'example.count' must be a whole number that is not negative, not '3'");
  EXPECT_EQ(mistake_in("{name: x, share: nan}"), "f:1:18: 'example.share' must be a finite number, not 'nan'");
  EXPECT_EQ(mistake_in("{name: [x]}"), "f:1:8: 'example.name' must be text, not a list");
  EXPECT_EQ(mistake_in("{on: true}"), "f:1:1: 'example' needs the key 'name'");
  EXPECT_EQ(mistake_in("[1]"), "f:1:1: 'example' must be a map, not a list");
  EXPECT_EQ(mistake_in("x y"), "f:1:1: 'example' must be a map, not 'x y'; write {name: x y}");
  EXPECT_EQ(mistake_in("{name: x, inner: 1}"), "f:1:18: 'example.inner' must be a map, not '1'; write {KEY: VALUE}");
}

TEST(Options, EntriesOfListsAreNamedAsSuch) {
  try {
    Codec<std::vector<Example>>::decode(parse_yaml("[{name: x}, y]", "f"), "examples");
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(), "f:1:13: each entry of 'examples' must be a map, not 'y'; write {name: y}");
  }
}

TEST(Options, OnlyResultsEnterTheFingerprint) {
  Example one, other;
  one.name = other.name = "x";
  other.on = false;
  EXPECT_EQ(to_yaml(encode(one, true)), to_yaml(encode(other, true)));
  EXPECT_NE(to_yaml(encode(one)), to_yaml(encode(other)));
  other.inner.limit = 1;
  EXPECT_NE(to_yaml(encode(one, true)), to_yaml(encode(other, true)));
}

TEST(Options, DocumentationComesFromTheFields) {
  const auto docs = document<Example>();
  ASSERT_EQ(docs.size(), 9U);
  EXPECT_TRUE(docs[0].required);
  EXPECT_EQ(docs[1].type, "red or green");
  EXPECT_EQ(docs[1].fallback, "green");
  EXPECT_EQ(docs[2].effect, Effect::speed);
  EXPECT_EQ(docs[6].key, "inner.limit");
}

RC_GTEST_PROP(Options, WhatIsWrittenIsReadBack,
              (std::uint64_t count, double share, bool on, std::vector<std::string> words)) {
  Example example;
  example.name = words.empty() ? "true" : words[0];
  example.count = count;
  example.share = std::isfinite(share) ? share : 0;
  example.on = on;
  for (const auto& word : words) {
    // YAML holds text, not bytes.
    if (std::all_of(word.begin(), word.end(), [](char c) { return c >= 32 && c < 127; })) example.words.push_back(word);
  }
  if (!std::all_of(example.name.begin(), example.name.end(), [](char c) { return c >= 32 && c < 127; }))
    example.name = "12";

  const auto again = decode<Example>(parse_yaml(to_yaml(encode(example)), "f"), "example");

  RC_ASSERT(again.name == example.name);
  RC_ASSERT(again.count == example.count);
  RC_ASSERT(again.share == example.share);
  RC_ASSERT(again.on == example.on);
  RC_ASSERT(again.words == example.words);
}

}  // namespace
}  // namespace farpoint::pipeline
