// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/run_status.hpp"

#include <gtest/gtest.h>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/machine.hpp"
#include "farpoint/pipeline/run_folder.hpp"
#include "farpoint/pipeline/stage_record.hpp"
#include "temporary_folder.hpp"

namespace farpoint::pipeline {
namespace {

using State = RunStatus::State;

/// A run of two stages on two ranks that is in its second.
class MadeUpRun : public testing::Test {
 protected:
  MadeUpRun() {
    folder_.create();
    folder_.write_config("x: 1\n");
    record_shards(folder_.stage("00-ingest"), {std::vector<Hash128>(4), {}, {}});
    write_file(folder_.stage("00-ingest") / "shard-00000.h5", "");
    for (const auto* name : {"shard-00000.h5", "shard-00001.h5", "shard-00002.h5.tmp", "prepared.h5"}) {
      write_file(folder_.stage("01-embed-emb") / name, "");
    }
    beat(0, "computing.example", 30);
    beat(1, "computing.example", 10);
  }

  void beat(int rank, const std::string& host, std::uint64_t done, Beat::State state = Beat::State::working,
            std::uint64_t kept = 0) {
    Beat made;
    made.rank = rank;
    made.ranks = 2;
    made.host = host;
    made.state = state;
    made.activity = rank == 0 ? Activity::computing : Activity::communicating;
    made.stage = stage_;
    made.stage_since = 990;
    made.done = done;
    made.total = 100;
    made.kept = kept;
    made.unit = "records";
    made.started = 900;
    made.last_progress = 999;
    made.written = 1000;
    made.period = 5;
    if (rank == 0) made.stages = {"00-ingest", "01-embed-emb"};
    write_file(beat_file(folder_.status(), rank), to_json(made));
  }

  State state(double now) const { return read_status(folder_.path, now).state; }
  std::string text(double now) const { return to_text(read_status(folder_.path, now), now); }

  std::string stage_ = "01-embed-emb";

  TemporaryFolder temporary_;
  RunFolder folder_{temporary_ / "run"};
};

TEST_F(MadeUpRun, IsRunningWhileItsBeatsAreFresh) {
  EXPECT_EQ(state(1005), State::running);
  EXPECT_EQ(state(2000), State::stopped);
}

TEST_F(MadeUpRun, OnThisMachineTheLockDecides) {
  beat(0, host_name(), 30);
  EXPECT_EQ(state(1005), State::stopped);
  const FolderLock lock(folder_);
  EXPECT_EQ(state(1e9), State::running);
}

TEST_F(MadeUpRun, AskingDoesNotKeepARunOut) {
  EXPECT_FALSE(is_locked(folder_));
  EXPECT_NO_THROW(FolderLock{folder_});
}

TEST_F(MadeUpRun, AddsUpTheRanks) {
  const auto status = read_status(folder_.path, 1005);
  const auto at_work = status.at_work();
  ASSERT_EQ(at_work.size(), 1U);
  EXPECT_EQ(at_work[0].done, 40U);
  EXPECT_EQ(at_work[0].ranks, 2);
  EXPECT_DOUBLE_EQ(at_work[0].share().value(), 0.4);
  EXPECT_DOUBLE_EQ(at_work[0].rate(), 4);
  EXPECT_DOUBLE_EQ(at_work[0].seconds_left().value(), 15);
  EXPECT_EQ(status.activities()[0], 1);
  EXPECT_EQ(status.activities()[1], 1);
  EXPECT_EQ(status.quietest()->rank, 0) << "the other waits";
  EXPECT_NE(text(1005).find("stage 2 of 2: 01-embed-emb, 40 % (40 of 100 records), 4 records/s"), std::string::npos)
      << text(1005);
}

TEST_F(MadeUpRun, WhatAnEarlierRunDidTookNoTime) {
  beat(0, "computing.example", 30, Beat::State::working, 20);
  beat(1, "computing.example", 10, Beat::State::working, 10);
  EXPECT_NE(text(1005).find("40 % (40 of 100 records), 1 records/s, for 10.0 s, about 1 min 00 s left"),
            std::string::npos)
      << text(1005);
}

TEST_F(MadeUpRun, BehindItsLastStepAStageIsFinishing) {
  beat(0, "computing.example", 90);
  EXPECT_NE(text(1005).find("100 % (100 of 100 records), for 10.0 s, finishing\n"), std::string::npos) << text(1005);
  EXPECT_EQ(text(1005).find("records/s"), std::string::npos) << text(1005);
}

TEST_F(MadeUpRun, BeforeAStageWasToldOfItSaysWhenItWillBe) {
  stage_.clear();
  beat(0, "computing.example", 0);
  beat(1, "computing.example", 0);
  EXPECT_NE(text(1005).find("no stage told of yet: each rank reports every 5.0 s\n"), std::string::npos) << text(1005);
}

TEST_F(MadeUpRun, StoppedItSaysWhatIsThere) {
  const auto shown = text(2000);
  EXPECT_NE(shown.find("was stopped"), std::string::npos) << shown;
  EXPECT_NE(shown.find("2 of 4 shards"), std::string::npos) << shown;
  EXPECT_NE(shown.find("run the same command again"), std::string::npos) << shown;
}

TEST_F(MadeUpRun, FailedItGivesTheReasonOfTheRankThatFailed) {
  beat(1, "computing.example", 10, Beat::State::failed);
  write_file(folder_.log(0), "2026-11-30 06:00:00.000 I farpoint 1, rank 0\n");
  write_file(folder_.log(1),
             "2026-11-30 06:00:00.000 E of an earlier run\n2026-11-30 06:00:00.000 I farpoint 1, rank 1\n"
             "2026-11-30 06:00:00.000 E shard 7 is damaged\n2026-11-30 06:00:00.000 I more\n");
  EXPECT_EQ(state(2000), State::failed);
  EXPECT_NE(text(2000).find("error: shard 7 is damaged"), std::string::npos) << text(2000);
  write_file(folder_.log(1),
             "2026-11-30 06:00:00.000 E of an earlier run\n2026-11-30 06:00:00.000 I farpoint 1, rank 1\n");
  EXPECT_EQ(text(2000).find("earlier"), std::string::npos);
}

TEST_F(MadeUpRun, StoppedOnRequestItHasNotFailed) {
  beat(0, "computing.example", 10, Beat::State::stopped);
  write_file(folder_.log(0), "2026-11-30 06:00:00.000 I farpoint 1, rank 0\n2026-11-30 06:00:00.000 E of a record\n");
  EXPECT_EQ(state(2000), State::stopped);
  EXPECT_NE(text(2000).find("was stopped"), std::string::npos) << text(2000);
}

TEST_F(MadeUpRun, FinishedItShowsTheTable) {
  RunSummary summary;
  summary.ranks = 2;
  JobSummary job;
  job.job = "embed";
  add_times(job, std::vector<TimeUse>{{1, 0, 1}, {2, 1, 0}});
  summary.jobs = {job};
  write_file(folder_.summary(), to_json(summary));
  beat(0, "computing.example", 30, Beat::State::finished);
  std::filesystem::remove(beat_file(folder_.status(), 1));
  EXPECT_EQ(state(1005), State::finished);
  EXPECT_NE(text(1005).find(to_table(summary)), std::string::npos) << text(1005);
  write_file(folder_.summary(), "[]");
  EXPECT_THROW(state(1005), UsageError);
}

TEST(RunStatus, OtherFoldersAreRefused) {
  const TemporaryFolder temporary;
  EXPECT_THROW(read_status(temporary.path(), 0), UsageError);
  write_file(temporary / "config.yaml", "pipeline: []\n");
  EXPECT_THROW(read_status(temporary.path(), 0), UsageError) << "it is the user's";
}

TEST(RunStatus, RunsOfOlderVersionsHaveNoBeats) {
  const TemporaryFolder temporary;
  const RunFolder folder{temporary.path()};
  folder.create();
  folder.write_config("x: 1\n");
  record_shards(folder.stage("00-ingest"), {});
  std::filesystem::create_directories(folder.stage("01-clean"));
  const auto status = read_status(folder.path, 0);
  EXPECT_EQ(status.state, State::stopped);
  ASSERT_EQ(status.stages.size(), 2U);
  EXPECT_TRUE(status.stages[0].complete);
  EXPECT_FALSE(status.stages[1].complete);
}

}  // namespace
}  // namespace farpoint::pipeline
