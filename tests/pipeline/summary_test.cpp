// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/summary.hpp"

#include <gtest/gtest.h>

#include "farpoint/base/error.hpp"

namespace farpoint::pipeline {
namespace {

TEST(Summary, OnlyKeptWorkIsCalledKept) {
  JobSummary job;
  job.job = "export";
  job.unit = "records";
  RunSummary run;
  run.jobs = {job};
  EXPECT_EQ(to_table(run).find("kept from before"), std::string::npos);
  run.jobs[0].resumed_shards = 3;
  EXPECT_NE(to_table(run).find("kept from before"), std::string::npos);
  run.jobs[0].rate = 10;
  EXPECT_EQ(to_table(run).find("kept from before"), std::string::npos);
}

TEST(Summary, ImbalanceIsOfWorkAndNotOfWaiting) {
  JobSummary job;
  add_times(job, std::vector<TimeUse>{{3, 0, 1}, {1, 2, 1}});
  EXPECT_DOUBLE_EQ(job.time.computing, 2);
  EXPECT_DOUBLE_EQ(job.time.communication, 1);
  EXPECT_DOUBLE_EQ(job.time.files, 1);
  EXPECT_NEAR(job.imbalance, 4.0 / 3 - 1, 1e-12);
  add_times(job, std::vector<TimeUse>{{3, 5, 1}});
  EXPECT_EQ(job.imbalance, 0);
  add_times(job, std::vector<TimeUse>(2));
  EXPECT_EQ(job.imbalance, 0);
}

TEST(Summary, SharesAreShownWhereSeveralRanksWork) {
  JobSummary job;
  job.job = "embed";
  add_times(job, std::vector<TimeUse>{{6, 2, 2}, {6, 2, 2}});
  RunSummary run;
  run.jobs = {job};
  EXPECT_EQ(to_table(run).find("imbalance"), std::string::npos);
  run.ranks = 2;
  EXPECT_NE(to_table(run).find("60 %     20 %   20 %      0.00"), std::string::npos) << to_table(run);
}

TEST(Summary, ComesBackFromItsText) {
  JobSummary job;
  job.job = "select";
  job.as = "x";
  job.tally = {10, 7, 2, 1, 0, {{"picks", 7}}};
  job.seconds = 1.5;
  job.unit = "records";
  job.resumed_shards = 3;
  job.facts["radius"] = 0.25;
  add_times(job, std::vector<TimeUse>{{1, 2, 3}, {3, 2, 1}});
  RunSummary run;
  run.ranks = 2;
  run.threads = 4;
  run.device = "cuda";
  run.pool_records = 10;
  run.jobs = {job};
  EXPECT_EQ(to_json(summary_from_json(to_json(run))), to_json(run));
  EXPECT_THROW(summary_from_json("{}"), Error);
  EXPECT_THROW(summary_from_json("not JSON"), Error);
}

}  // namespace
}  // namespace farpoint::pipeline
