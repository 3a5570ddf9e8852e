// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/node.hpp"

#include <gtest/gtest.h>

namespace farpoint::pipeline {
namespace {

TEST(Node, KnowsWhereValuesStand) {
  const auto root = parse_yaml("a: 1\nb:\n  - x\n  - {c: true}\n", "f.yaml");

  EXPECT_EQ(root.find("a")->place.prefix(), "f.yaml:1:4: ");
  const auto& inner = root.find("b")->items.at(1);
  EXPECT_EQ(inner.entries.at(0).place.prefix(), "f.yaml:4:6: ");
  EXPECT_EQ(inner.find("c")->text, "true");
}

TEST(Node, YamlRoundTrip) {
  const std::string text = "a: 1\nb: [x, \"2\"]\nc: {}\nd:\n  e: \"line\\nbreak\"\n  f: ~\n  g: \"\"";
  const auto once = to_yaml(parse_yaml(text, ""));
  EXPECT_EQ(to_yaml(parse_yaml(once, "")), once);
  const auto again = parse_yaml(once, "");
  EXPECT_EQ(again.find("d")->find("e")->text, "line\nbreak");
  EXPECT_EQ(again.find("d")->find("f")->kind, Node::Kind::null);
  EXPECT_EQ(again.find("d")->find("g")->kind, Node::Kind::scalar);
  EXPECT_TRUE(again.find("b")->items[1].quoted);
}

TEST(Node, MistakesHaveAPlace) {
  const auto message = [](const std::string& text) {
    try {
      parse_yaml(text, "f.yaml");
    } catch (const ConfigError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message("a: 1\na: 2\n"), "f.yaml:2:1: the key 'a' stands here twice");
  EXPECT_EQ(message("a: [1\n").rfind("f.yaml:", 0), 0U);
  EXPECT_EQ(message("[a]: 1\n").rfind("f.yaml:1:1: ", 0), 0U);
}

TEST(Node, AliasesEnd) {
  EXPECT_EQ(parse_yaml("a: &x {b: 1}\nc: *x\n", "f.yaml").find("c")->find("b")->text, "1");
  for (const auto* endless : {"run: &a {output: *a}\n", "pool: &a [*a]\n", "a: &a {b: {c: [1, *a]}}\n"}) {
    try {
      parse_yaml(endless, "f.yaml");
      FAIL() << endless;
    } catch (const ConfigError& error) {
      EXPECT_NE(std::string(error.what()).find("more than 64 levels deep"), std::string::npos) << error.what();
      EXPECT_EQ(std::string(error.what()).rfind("f.yaml:1:", 0), 0U) << error.what();
    }
  }
  std::string bomb = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1]\n";
  for (int i = 1; i < 12; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 8; ++j) bomb += (j == 0 ? "*a" : ", *a") + std::to_string(i - 1);
    bomb += "]\n";
  }
  EXPECT_THROW(parse_yaml(bomb, "f.yaml"), ConfigError);
}

TEST(Node, OnlyOneDocumentIsRead) {
  try {
    parse_yaml("---\na: 1\n---\nb: 2\n", "f.yaml");
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_EQ(std::string(error.what()), "f.yaml:3:1: a second document ('---') begins here; only one is read");
  }
  EXPECT_EQ(parse_yaml("---\na: 1\n...\n", "f.yaml").find("a")->text, "1");
}

TEST(Node, ACommaBetweenNothingIsRefused) {
  for (const auto* text : {", a", "&c,orpus:corpuss u", "--- ,"}) {
    try {
      parse_yaml(text, "f.yaml");
      FAIL() << text;
    } catch (const ConfigError& error) {
      EXPECT_NE(std::string(error.what()).find("a comma stands here between nothing"), std::string::npos)
          << error.what();
    }
  }
}

TEST(Node, KnowsThePlaceOfADottedPath) {
  const auto root = parse_yaml("a: {b: 1}\n", "f.yaml");
  EXPECT_EQ(root.place_of("a.b").prefix(), "f.yaml:1:8: ");
  EXPECT_EQ(root.place_of("a.c").prefix(), "f.yaml:1:4: ");
  EXPECT_EQ(root.place_of("x.y").prefix(), "f.yaml:1:1: ");
  EXPECT_EQ(parse_yaml("", "f.yaml").place_of("a").prefix(), "f.yaml:1:1: ");
}

TEST(SetByPath, ErrorsNameTheArgument) {
  auto root = parse_yaml("run: {seed: 1}\n", "f.yaml");
  set_by_path(root, "run.seed", "x");
  set_by_path(root, "a.b.c", "[1, {d: 2}]");
  EXPECT_EQ(root.find("run")->find("seed")->place.prefix(), "--set run.seed: ");
  EXPECT_EQ(root.find("run")->place.prefix(), "f.yaml:1:6: ");
  EXPECT_EQ(root.entries[1].place.prefix(), "--set a.b.c: ");
  EXPECT_EQ(root.find("a")->find("b")->place.prefix(), "--set a.b.c: ");
  EXPECT_EQ(root.find("a")->find("b")->find("c")->items[1].find("d")->place.prefix(), "--set a.b.c: ");
}

TEST(SetByPath, ReachesMapsListsAndJobs) {
  auto root = parse_yaml(
      "run: {seed: 1}\npipeline:\n  - embed: {as: a}\n  - parallel: [{select: {budget: {records: 5}}}]\n", "");

  set_by_path(root, "run.seed", "3");
  set_by_path(root, "run.output", "x");
  set_by_path(root, "pipeline.0.embed.as", "b");
  set_by_path(root, "select.budget.records", "7");
  set_by_path(root, "embed", "{as: c, text: prompt}");

  EXPECT_EQ(root.find("run")->find("seed")->text, "3");
  EXPECT_EQ(root.find("run")->find("output")->text, "x");
  EXPECT_EQ(root.find("pipeline")->items[0].find("embed")->find("as")->text, "c");
  EXPECT_EQ(
      root.find("pipeline")->items[1].find("parallel")->items[0].find("select")->find("budget")->find("records")->text,
      "7");
}

TEST(SetByPath, SaysWhatDoesNotExist) {
  auto root = parse_yaml("run: {seed: 1}\npipeline: [{embed: {}}]\n", "");
  EXPECT_THROW(set_by_path(root, "pipeline.1.embed", "1"), UsageError);
  EXPECT_THROW(set_by_path(root, "pipeline.x", "1"), UsageError);
  EXPECT_THROW(set_by_path(root, "run.seed.deep", "1"), UsageError);
}

TEST(Suggestion, NamesTheNearest) {
  const std::vector<std::string> known{"model", "metric", "as"};
  EXPECT_EQ(suggestion("modle", known), " (did you mean 'model'?)");
  EXPECT_EQ(suggestion("Metric", known), " (did you mean 'metric'?)");
  EXPECT_EQ(suggestion("completely", known), "");
  EXPECT_EQ(suggestion("met", known), " (did you mean 'metric'?)") << "it is the beginning of it";
}

}  // namespace
}  // namespace farpoint::pipeline
