// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/summary.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace farpoint::pipeline
