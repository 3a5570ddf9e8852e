// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/estimate.hpp"

#include <gtest/gtest.h>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/pipeline/stage_record.hpp"
#include "jobs.hpp"
#include "pipeline/work_shares.hpp"
#include "temporary_folder.hpp"

namespace farpoint::pipeline {
namespace {

constexpr std::uint64_t mib = 1U << 20;

struct Estimated {
  Config config;
  Plan plan;

  explicit Estimated(const std::string& pipeline)
      : config(read_config(
            parse_yaml("corpus: {pool: [{path: a.npy, as: v}], shard_records: 1000}\npipeline: " + pipeline + "\n",
                       "c.yaml"),
            "/folder")),
        plan(make_plan(config, jobs::all_jobs())) {}

  static CorpusSample corpus(std::uint64_t records) {
    CorpusSample sample;
    sample.records[0] = records;
    sample.vector_bytes = sample.bytes[0] = sample.stored = records * 400;
    sample.widths["v"] = 100;
    return sample;
  }
  static Machine machine(int ranks, int ranks_per_node) {
    Machine machine;
    machine.ranks = ranks;
    machine.ranks_per_node = ranks_per_node;
    machine.program = 50 * mib;
    machine.core_flops = 1e10;
    return machine;
  }
  RunEstimate on(const Machine& machine, std::uint64_t records = 1'000'000,
                 const std::vector<StageRemains>& remains = {}) const {
    return estimate_run(plan, config, corpus(records), machine, remains);
  }
};

constexpr auto k_center = "[{select: {method: k-center, vectors: v, budget: {records: 100}}}]";

TEST(Estimate, ANodeHoldsItsRanksAndOnceWhatTheyShare) {
  EXPECT_EQ(fullest_node({{8, 100, 0}}, 4), 400U);
  EXPECT_EQ(fullest_node({{3, 100, 0}}, 8), 300U);  // fewer than a node has room for
  EXPECT_EQ(fullest_node({{4, 100, 30}}, 4), 4 * 70 + 30U);
  // Ranks 0 to 2 and 3 to 7 on nodes of four: 0-3 and 4-7.
  EXPECT_EQ(fullest_node({{3, 100, 0}, {5, 10, 0}}, 4), 310U);
  EXPECT_EQ(fullest_node({{3, 10, 0}, {5, 100, 40}}, 4), 4 * 60 + 40U);
  EXPECT_EQ(fullest_node({}, 4), 0U);
}

TEST(Estimate, SharesOfRanks) {
  const std::vector<double> shares{1, 3};
  EXPECT_EQ(ranks_by_share(shares, 2), (std::vector{1, 1}));
  EXPECT_EQ(ranks_by_share(shares, 8), (std::vector{2, 6}));
  EXPECT_EQ(ranks_by_share(shares, 5), (std::vector{1, 4}));
}

TEST(Estimate, ShardsAreDealtWhole) {
  Workload work;
  work.records[0] = 10'500;
  work.shard_records = 1000;
  EXPECT_EQ(work.records_of_rank(), 10'500U);
  work.ranks = 4;
  EXPECT_EQ(work.records_of_rank(), 3000U);  // 11 shards
  work.ranks = 64;
  EXPECT_EQ(work.records_of_rank(), 1000U);
  EXPECT_EQ(work.in_shard(), 1000U);
}

TEST(Estimate, ColumnsAndVectorsTakeTheirBytesOnDisk) {
  Workload work;
  work.records[0] = 1000;
  work.widths["w"] = 16;
  EXPECT_EQ(row_bytes({"w", ColumnSpec::Kind::vector}, work), 64U);
  EXPECT_EQ(row_bytes({"score", ColumnSpec::Kind::scalar}, work), 8U);
  const auto run = Estimated(k_center).on(Estimated::machine(1, 1));
  ASSERT_EQ(run.jobs.size(), 2U);
  // The vectors, {"id": N} a record, and what stands beside a record.
  EXPECT_GT(run.jobs[0].disk, 400'000'000U);
  EXPECT_LT(run.jobs[0].disk, 480'000'000U);
  EXPECT_EQ(run.disk, run.jobs[0].disk + run.jobs[1].disk);
}

TEST(Estimate, VectorsAreSharedOutAmongRanks) {
  const Estimated select(k_center);
  const auto one = select.on(Estimated::machine(1, 1)).jobs[1];
  const auto eight = select.on(Estimated::machine(8, 4)).jobs[1];
  EXPECT_GT(one.memory, 50 * mib + 400'000'000);
  EXPECT_LT(one.memory, 800'000'000U);
  EXPECT_LT(eight.memory, one.memory / 3);
  EXPECT_EQ(eight.node_memory, 4 * eight.memory);
  EXPECT_LT(eight.seconds, one.seconds);
}

TEST(Estimate, SaysWhatFits) {
  const Estimated select(k_center);
  auto machine = Estimated::machine(1, 1);
  const auto needed = select.on(machine).node_memory;
  machine.memory = needed;
  EXPECT_TRUE(select.on(machine).memory_fits);
  EXPECT_EQ(fitting_nodes(select.plan, select.config, Estimated::corpus(1'000'000), machine), 1);
  machine.memory = needed - 1;
  const auto run = select.on(machine);
  EXPECT_FALSE(run.memory_fits);
  EXPECT_EQ(run.limited_by, "memory");
  EXPECT_EQ(run.jobs[1].limited_by, "memory");
  EXPECT_EQ(fitting_nodes(select.plan, select.config, Estimated::corpus(1'000'000), machine), 2);
  EXPECT_EQ(fitting_ranks_per_node(select.plan, select.config, Estimated::corpus(1'000'000), machine, 16), 0);
  machine.memory = 2 * needed;
  const int ranks = fitting_ranks_per_node(select.plan, select.config, Estimated::corpus(1'000'000), machine, 16);
  EXPECT_GE(ranks, 2);
  machine.ranks = machine.ranks_per_node = ranks;
  EXPECT_TRUE(select.on(machine).memory_fits);
  machine.ranks = machine.ranks_per_node = ranks + 1;
  EXPECT_EQ(select.on(machine).memory_fits, ranks == 16);
  machine.memory = mib;
  EXPECT_EQ(fitting_nodes(select.plan, select.config, Estimated::corpus(1'000'000), machine), 0);
}

TEST(Estimate, DiskThatIsNotThere) {
  const Estimated select(k_center);
  auto machine = Estimated::machine(1, 1);
  machine.disk = 300'000'000;
  const auto run = select.on(machine);
  EXPECT_FALSE(run.disk_fits);
  EXPECT_EQ(run.limited_by, "disk");
}

TEST(Estimate, ParallelJobsRunBesideEachOther) {
  const auto config = read_config(parse_yaml("corpus: {pool: [{path: a.jsonl}]}\n"
                                             "pipeline: [{parallel: [{embed: {as: a, share: 3}}, {embed: {as: b}}]}]\n",
                                             "c.yaml"),
                                  "/folder");
  const auto plan = make_plan(config, jobs::all_jobs());
  CorpusSample corpus;
  corpus.records[0] = 100'000;
  corpus.bytes[0] = corpus.stored = 100'000'000;
  const auto run = [&](int ranks) { return estimate_run(plan, config, corpus, Estimated::machine(ranks, 4)); };

  const auto beside = run(4);
  ASSERT_EQ(beside.jobs.size(), 3U);
  EXPECT_EQ(beside.jobs[1].ranks, 3);
  EXPECT_EQ(beside.jobs[2].ranks, 1);
  EXPECT_EQ(beside.jobs[1].node_memory, 3 * beside.jobs[1].memory + beside.jobs[2].memory);
  EXPECT_EQ(beside.jobs[2].node_memory, beside.jobs[1].node_memory);
  EXPECT_GT(beside.jobs[2].seconds, beside.jobs[1].seconds);
  const auto before = beside.seconds - beside.jobs[0].seconds;
  EXPECT_LT(before, beside.jobs[1].seconds + beside.jobs[2].seconds);
  EXPECT_GE(before, beside.jobs[2].seconds);

  // One rank does one after the other.
  const auto behind = run(1);
  EXPECT_EQ(behind.jobs[1].ranks, 1);
  EXPECT_EQ(behind.jobs[1].node_memory, behind.jobs[1].memory);
  EXPECT_GE(behind.seconds, behind.jobs[0].seconds + behind.jobs[1].seconds + behind.jobs[2].seconds);
}

TEST(Estimate, RecordsThatAJobDoesNotTreatCostItNothing) {
  const auto config =
      read_config(parse_yaml("corpus: {pool: [{path: a.jsonl}], curated: [{path: b.jsonl}], shard_records: 1000}\n"
                             "pipeline: [{embed: {as: a}}, {embed: {as: b}}, {contrast: {vectors: a, as: like}}]\n",
                             "c.yaml"),
                  "/folder");
  const auto plan = make_plan(config, jobs::all_jobs());
  const auto jobs_with = [&](std::uint64_t curated) {
    CorpusSample sample;
    sample.records[index_of(Population::pool)] = 10'000;
    sample.records[index_of(Population::curated)] = curated;
    return estimate_run(plan, config, sample, Estimated::machine(1, 1)).jobs;
  };
  const auto without = jobs_with(0);
  const auto with = jobs_with(10'000);
  ASSERT_EQ(with.size(), 4U);  // the ingest too
  EXPECT_EQ(with[1].disk, 2 * without[1].disk);
  EXPECT_EQ(with[2].disk, without[2].disk);  // nobody compares with the curated records by `b`
}

TEST(Estimate, StagesThatAreDoneNeedNothing) {
  const Estimated select(k_center);
  const auto machine = Estimated::machine(1, 1);
  const auto whole = select.on(machine);
  const auto half = select.on(machine, 1'000'000, {{false, whole.jobs[0].disk / 2}});
  EXPECT_EQ(half.jobs[0].disk, whole.jobs[0].disk - whole.jobs[0].disk / 2);
  const auto rest = select.on(machine, 1'000'000, {{true, 0}});
  ASSERT_EQ(rest.jobs.size(), 1U);
  EXPECT_EQ(rest.jobs[0].job, "select");
  EXPECT_EQ(rest.disk, whole.jobs[1].disk);
  EXPECT_TRUE(select.on(machine, 1'000'000, {{true, 0}, {true, 0}}).jobs.empty());
}

TEST(Estimate, FindsWhatEarlierRunsHaveLeft) {
  const TemporaryFolder temporary;
  const Estimated select(k_center);
  const RunFolder folder{temporary.path()};
  std::filesystem::create_directories(folder.stage("00-ingest"));
  write_file(folder.stage("00-ingest") / "shard-00000.h5", std::string(1000, 'x'));
  auto remains = remains_of(folder, select.plan);
  ASSERT_EQ(remains.size(), 2U);
  EXPECT_FALSE(remains[0].is_done);
  EXPECT_EQ(remains[0].bytes, 1000U);
  EXPECT_EQ(remains[1].bytes, 0U);
  record_shards(folder.stage("00-ingest"), {});
  remains = remains_of(folder, select.plan);
  EXPECT_TRUE(remains[0].is_done);
  EXPECT_FALSE(remains[1].is_done);
}

}  // namespace
}  // namespace farpoint::pipeline
