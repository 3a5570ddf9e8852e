// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/config.hpp"

#include <gtest/gtest.h>

namespace farpoint::pipeline {
namespace {

Config read(const std::string& text) {
  return read_config(parse_yaml(text, "c.yaml"), "/folder");
}

std::string complaint(const std::string& text) {
  try {
    read(text);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST(Config, ReadsTheContractsExample) {
  const auto config = read(R"(
run: {output: runs/demo, seed: 5, device: auto, threads: auto}
corpus:
  pool:
    - {path: data/*.jsonl, name: web}
    - {path: vectors.npy, format: npy, as: emb}
  curated: [{path: curated.json, fields: {prompt: q, response: a}}]
  shard_records: 100
models:
  lm: {path: models/lm, precision: bf16}
pipeline:
  - embed: {as: emb}
  - parallel:
      - embed: {as: one, share: 1}
      - embed: {as: two, share: 3}
)");
  EXPECT_EQ(config.run.seed, 5U);
  EXPECT_FALSE(config.run.threads);
  EXPECT_EQ(config.corpus.pool[1].format, corpus::Format::npy);
  EXPECT_EQ(config.corpus.curated[0].fields.at("response"), "a");
  EXPECT_EQ(config.corpus.shard_records, 100U);
  EXPECT_EQ(config.models.at("lm").precision, Precision::bf16);
  ASSERT_EQ(config.pipeline.size(), 2U);
  EXPECT_EQ(config.pipeline[1][1].share, 3.0);
  EXPECT_EQ(config.pipeline[1][1].options.find("share"), nullptr);
}

TEST(Config, Mistakes) {
  const std::string pool = "corpus: {pool: [{path: a}]}\n";
  EXPECT_EQ(complaint("corpus: {}"), "c.yaml:1:9: 'corpus' needs the key 'pool'");
  EXPECT_EQ(complaint("run: {}"), "c.yaml:1:1: 'corpus.pool' must list at least one source");
  EXPECT_EQ(complaint("run: {output: ''}\ncorpus: {pool: [{path: a}]}"),
            "c.yaml:1:15: 'run.output' must name a folder; '.' is the working folder");
  EXPECT_EQ(complaint("corpus: {pool: [{path: a}], shard_records: 0}"),
            "c.yaml:1:44: 'corpus.shard_records' must be between 1 and 16777216, not 0");
  EXPECT_NE(complaint(pool + "pipeline: [embed]").find("c.yaml:2:12: each entry of 'pipeline' is one job"),
            std::string::npos);
  EXPECT_NE(complaint(pool + "pipeline: [{embed: {}, select: {}}]").find("one job"), std::string::npos);
  EXPECT_EQ(complaint(pool + "pipeline: [{parallel: []}]"), "c.yaml:2:23: 'parallel' needs at least one job");
  EXPECT_EQ(complaint(pool + "pipeline: [{parallel: {}}]"),
            "c.yaml:2:23: 'parallel' must be a list of jobs, not a map");
  EXPECT_EQ(complaint("# nothing\n"), complaint(""));
  EXPECT_EQ(complaint("").rfind("c.yaml:1:1: a configuration is a map", 0), 0U);
  EXPECT_NE(complaint(pool + "pipeline: [{parallel: [{embed: {share: 0}}]}]").find("a number above 0"),
            std::string::npos);
  EXPECT_NE(complaint("corpus: {pool: [{path: a, fields: {promt: x}}]}").find("did you mean 'prompt'"),
            std::string::npos);
  EXPECT_EQ(complaint(pool + "run: {threads: 0}"), "c.yaml:2:16: 'run.threads' must be between 1 and 1024, not 0");
  EXPECT_NE(complaint("[]").find("a configuration is a map"), std::string::npos);
}

TEST(Config, NumbersHaveBounds) {
  const std::string pool = "corpus: {pool: [{path: a}], ";
  EXPECT_EQ(complaint(pool + "shard_records: 18446744073709551615}"),
            "c.yaml:1:44: 'corpus.shard_records' must be between 1 and 16777216, not 18446744073709551615");
  EXPECT_EQ(complaint(pool + "shard_records: 16777216}"), "");
  EXPECT_EQ(complaint(pool + "max_record_bytes: 4294967296}").rfind("c.yaml:1:47: 'corpus.max_record_bytes'", 0), 0U);
  EXPECT_EQ(complaint(pool + "}\nrun: {threads: 1025}").rfind("c.yaml:2:16: 'run.threads'", 0), 0U);
  EXPECT_EQ(complaint(pool + "}\nrun: {threads: 1024}"), "");
  EXPECT_NE(complaint(pool + "}\npipeline: [{parallel: [{embed: {share: 1e300}}]}]").find("up to a million"),
            std::string::npos);
}

}  // namespace
}  // namespace farpoint::pipeline
