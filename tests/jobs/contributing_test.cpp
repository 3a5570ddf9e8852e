// SPDX-License-Identifier: Apache-2.0
// The job that CONTRIBUTING.md shows, compiled as it stands there, does what the page says.
#include <gtest/gtest.h>

#include <vector>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/comm/local.hpp"
#include "farpoint/pipeline/runner.hpp"
#include "farpoint/store/shard_file.hpp"
#include "temporary_folder.hpp"

namespace farpoint::jobs {

pipeline::JobType questions_job();

namespace {

TEST(Contributing, TheJobCountsQuestionMarks) {
  const TemporaryFolder folder;
  write_file(folder / "a.jsonl",
             "{\"text\": \"What?\"}\n"
             "{\"instruction\": \"Why? How?\", \"output\": \"So?\"}\n"
             "{\"text\": \"No.\"}\n");
  const auto yaml = pipeline::parse_yaml("corpus: {pool: [{path: a.jsonl}]}\npipeline: [questions: {}]\n", "c.yaml");
  auto config = pipeline::read_config(yaml, folder.path());
  config.run.output = folder / "out";
  const auto comm = comm::make_local();
  const auto plan = pipeline::make_plan(config, {questions_job()});
  pipeline::run_pipeline(*comm, config, plan, pipeline::resolve_corpus(*comm, config), {});

  const store::ShardFile shard(folder / "out/stages/01-questions-questions/shard-00000.h5");
  EXPECT_EQ(shard.read("questions").as<std::vector<double>>(), (std::vector<double>{1, 3, 0}));
}

}  // namespace
}  // namespace farpoint::jobs
