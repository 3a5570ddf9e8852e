// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/problems.hpp"

#include <gtest/gtest.h>

#include "farpoint/pipeline/config.hpp"

namespace farpoint::pipeline {
namespace {

Place at(const std::string& file, int line, int column) {
  return {std::make_shared<const std::string>(file), line, column};
}

std::string text_of(const std::string& yaml) {
  Problems problems;
  attempt([&] { read_config(parse_yaml(yaml, "c.yaml"), "."); });
  return to_text(problems.sorted());
}

TEST(Problems, AttemptThrowsWhereNobodyGathers) {
  EXPECT_THROW(attempt([] { throw UsageError("a"); }), UsageError);
  EXPECT_TRUE(attempt([] {}));
}

TEST(Problems, TheInnermostGathers) {
  Problems outer;
  {
    Problems inner;
    EXPECT_FALSE(attempt([] { throw UsageError("a"); }));
    EXPECT_EQ(inner.count(), 1U);
  }
  EXPECT_TRUE(outer.empty());
  EXPECT_FALSE(attempt([] { throw ConfigError({}, "b"); }));
  EXPECT_EQ(outer.count(), 1U);
}

TEST(Problems, OtherErrorsGoOnUp) {
  const Problems problems;
  EXPECT_THROW(attempt([] { throw Error("disk"); }), Error);
}

TEST(Problems, AreSortedByPlaceEachOnce) {
  Problems problems;
  problems.add({at("b", 1, 1), "5"});
  problems.add({at("a", 10, 1), "4"});
  problems.add({at("a", 2, 9), "3"});
  problems.add({at("a", 2, 3), "2"});
  problems.add({{}, "1"});
  problems.add({at("a", 2, 3), "2"});
  EXPECT_EQ(to_text(problems.sorted()), "1\na:2:3: 2\na:2:9: 3\na:10:1: 4\nb:1:1: 5\n5 problems");
}

TEST(Problems, OneAloneIsNotCounted) {
  EXPECT_EQ(to_text({{at("a", 1, 2), "x"}}), "a:1:2: x");
  EXPECT_EQ(to_text({}), "");
}

TEST(Problems, AllOfAConfigurationAreFound) {
  EXPECT_EQ(text_of("run: {sed: 3, seed: x}\n"
                    "corpus: {pool: [{path: a, formt: txt}, {name: b}], max_reject_fraction: 2}\n"
                    "models: {m: {path: p, precision: fp8}}\n"
                    "pipeline: [embed: {}, 7]\n"),
            "c.yaml:1:7: unknown key 'sed' in 'run' (did you mean 'seed'?)\n"
            "c.yaml:1:21: 'run.seed' must be a whole number that is not negative, not 'x'\n"
            "c.yaml:2:27: unknown key 'formt' in 'corpus.pool' (did you mean 'format'?)\n"
            "c.yaml:2:40: 'corpus.pool' needs the key 'path'\n"
            "c.yaml:2:73: 'corpus.max_reject_fraction' must be between 0 and 1, not 2\n"
            "c.yaml:3:34: 'models.m.precision' must be fp32 or bf16 or fp16, not 'fp8' (did you mean 'fp32'?)\n"
            "c.yaml:4:23: each entry of 'pipeline' is one job with its options, such as '- embed: {as: emb}'\n"
            "7 problems");
}

TEST(Problems, WhatFollowsFromAnotherIsNotTold) {
  EXPECT_EQ(text_of("corpus: {pool: 3}\n"),
            "c.yaml:1:16: 'corpus.pool' must be a list, not '3'; write [...], or a line with '- ' for each");
  EXPECT_EQ(text_of("corpus: {shard_records: 9}\n"), "c.yaml:1:9: 'corpus' needs the key 'pool'");
  EXPECT_EQ(text_of("corpus: [a\n").find("pool"), std::string::npos);
}

TEST(Problems, TwiceTheSameKeyAndMore) {
  EXPECT_EQ(
      text_of("corpus: {pool: [{path: a}]}\nrun: {seed: 1, seed: 2, x: 1}\n"),
      "c.yaml:2:16: the key 'seed' stands here twice\n"
      "c.yaml:2:25: unknown key 'x' in 'run'; known are output, seed, device, stall_timeout, threads\n2 problems");
}

TEST(Problems, AnAliasBombEndsAtOnce) {
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c < 'k'; ++c) {
    bomb += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 9; ++i) bomb += std::string(i == 0 ? "*" : ", *") + static_cast<char>(c - 1);
    bomb += "]\n";
  }
  const auto text = text_of(bomb);
  EXPECT_NE(text.find("more than 262144 values"), std::string::npos);
  EXPECT_EQ(text.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace farpoint::pipeline
