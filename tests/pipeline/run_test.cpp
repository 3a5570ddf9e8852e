// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/pipeline/runner.hpp"
#include "mpi_world.hpp"
#include "shared_folder.hpp"

namespace farpoint::pipeline {
namespace {

struct SieveOptions {
  std::uint64_t kept = 6;
  std::uint64_t failed = 2;
  std::uint64_t listed = 3;
  std::uint64_t rows = 0;  ///< of its column, if it has any
  std::string column = "size";
  static Fields<SieveOptions> fields() {
    return {option("kept", &SieveOptions::kept, ""), option("failed", &SieveOptions::failed, ""),
            option("listed", &SieveOptions::listed, ""), option("rows", &SieveOptions::rows, ""),
            option("column", &SieveOptions::column, "")};
  }
};

/// Of each shard of ten keeps the first `kept`, of which the last `failed` have no value, and lists the next ones.
class Sieve final : public ShardJob {
 public:
  Sieve(const SieveOptions& options, const Node&, const JobSetup&) : options_(options) {}
  bool removes_records() const override { return true; }
  std::vector<ColumnSpec> writes() const override {
    if (options_.rows == 0) return {};
    return {{"size", ColumnSpec::Kind::scalar}};
  }
  Node options(bool results_only) const override { return encode(options_, results_only); }
  ShardResult process(const Shard& shard) const override {
    ShardResult result;
    const auto ids = shard.ids();
    result.kept.emplace(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(options_.kept));
    result.failed = options_.failed;
    if (options_.rows > 0) result.columns.push_back({options_.column, std::vector<double>(options_.rows)});
    for (std::uint64_t i = 0; i < options_.listed; ++i) result.rejects.push_back({ids[9 - i], "odd"});
    return result;
  }

 private:
  SieveOptions options_;
};

RunSummary run(const std::filesystem::path& folder, const std::string& options, int records = 30) {
  if (world().rank() == 0) {
    std::string text;
    for (int i = 0; i < records; ++i) text += "{\"text\": \"record " + std::to_string(i) + "\"}\n";
    write_file(folder / "a.jsonl", text);
  }
  world().barrier();
  const auto yaml = "corpus: {shard_records: 10, pool: [{path: a.jsonl}]}\npipeline: [sieve: " + options + "]\n";
  auto config = read_config(parse_yaml(yaml, "c.yaml"), folder);
  config.run.output = folder / "out";
  const JobTypes types{job_type<Sieve, SieveOptions>("sieve", "")};
  const auto plan = make_plan(config, types);
  return run_pipeline(world(), config, plan, resolve_corpus(world(), config), {});
}

TEST(Run, KeptAndFailedAddUp) {
  const SharedFolder folder;
  const auto summary = run(folder.path, "{}");
  const auto& tally = summary.jobs.at(1).tally;
  EXPECT_EQ(tally.in, 30U);
  EXPECT_EQ(tally.out, 12U);
  EXPECT_EQ(tally.failed, 6U);
  EXPECT_EQ(tally.rejected, 12U);
  if (world().rank() != 0) return;
  const auto lines = read_file(folder.path / "out/rejects.jsonl");
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 9);
}

TEST(Run, ColumnsOfAJobThatAreNotAsPromisedAreToldAtOnce) {
  if (world().size() > 1) return;  // an error of one rank ends the program
  const auto message = [](const char* options) -> std::string {
    const SharedFolder folder;
    try {
      run(folder.path, options);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message("{rows: 10}"), "");
  EXPECT_THAT(message("{rows: 9}"), testing::HasSubstr("the column 'size' was made with 9 rows for the 10 records"));
  EXPECT_THAT(message("{rows: 10, column: sizes}"),
              testing::HasSubstr("the column 'size', which the job says it writes, was not"));
}

TEST(Run, MakesNoMoreCollectiveCallsForMoreShards) {
  const auto calls = [](const char* jobs, int records) {
    const SharedFolder folder;
    const auto before = world().collective_calls();
    run(folder.path, jobs, records);
    return world().collective_calls() - before;
  };
  const auto one_job = calls("{}", 30);
  EXPECT_EQ(calls("{}", 600), one_job);
  // Raised on purpose only: docs/scaling.md says how many.
  EXPECT_EQ(calls("{}, sieve: {listed: 0}", 30) - one_job, 17U);
}

TEST(Run, SaysWhereTheTimeWent) {
  const SharedFolder folder;
  const auto summary = run(folder.path, "{}");
  for (const auto& job : summary.jobs) {
    EXPECT_GT(job.time.computing, 0) << job.job;
    EXPECT_GT(job.time.files, 0) << job.job;
    if (world().size() > 1) {
      EXPECT_GT(job.time.communication, 0) << job.job;
      continue;
    }
    // Around what the job itself measures, and within the run.
    EXPECT_GE(job.time.sum(), job.seconds) << job.job;
    EXPECT_LE(job.time.sum(), summary.seconds) << job.job;
    EXPECT_EQ(job.imbalance, 0);
  }
}

}  // namespace
}  // namespace farpoint::pipeline
