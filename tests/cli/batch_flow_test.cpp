// SPDX-License-Identifier: Apache-2.0
// What a batch script does when the ranks have ended: with made-up programs in the place of Slurm's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "batch_script.hpp"
#include "cli/shell.hpp"

namespace farpoint::cli {
namespace {

using testing::HasSubstr;

struct Ended {
  int code;
  std::string errors;
  std::string requeued;  ///< the job that was
};

/// A job whose ranks, started by mpirun, do `ranks`.
class Job {
 public:
  Job() {
    shell_.set("SLURM_JOB_ID", "7");
    shell_.set("SLURM_NNODES", "2");
    shell_.set("SLURMD_NODENAME", "node1");
    be_in_state("RUNNING");
    srun("exit 0");
  }
  void be_in_state(const std::string& state) {
    shell_.add_program("scontrol",
                       "if [ \"$1\" = requeue ]; then echo \"$2\" >\"$0.requeued\"; else echo \"JobId=$5 JobState=" +
                           state + " Reason=None\"; fi");
  }
  void srun(const std::string& body) { shell_.add_program("srun", body); }
  void set(const std::string& name, const std::string& value) { shell_.set(name, value); }

  Ended run(const std::string& ranks, std::uint64_t max_restarts = 100) {
    shell_.add_program("mpirun", ranks);
    Site site;
    site.launcher = Launcher::mpirun;
    site.max_restarts = max_restarts;
    BatchJob job;
    job.program = "/opt/farpoint";
    job.folder = job.log_folder = "/work";
    job.runs = {{"/data/x.yaml", "/data/out", {}}};
    const auto result = shell_.run(batch_script(site, job));
    const auto requeued = shell_.path("scontrol.requeued");
    return {result.code, result.errors, std::filesystem::exists(requeued) ? read_file(requeued) : ""};
  }

 private:
  Shell shell_;
};

TEST(BatchFlow, WhatIsDoneIsDone) {
  const auto ended = Job().run("exit 0");
  EXPECT_EQ(ended.code, 0);
  EXPECT_EQ(ended.requeued, "");
}

TEST(BatchFlow, ACheckpointIsRequeued) {
  const auto ended = Job().run("exit 75");
  EXPECT_EQ(ended.requeued, "7\n");
  EXPECT_THAT(ended.errors, HasSubstr("stopped at a checkpoint; requeued"));
}

TEST(BatchFlow, OfAnArrayTheTaskIsRequeued) {
  Job job;
  job.set("SLURM_ARRAY_JOB_ID", "7");
  job.set("SLURM_ARRAY_TASK_ID", "3");
  EXPECT_EQ(job.run("exit 75").requeued, "7_3\n");
}

TEST(BatchFlow, FailuresEndTheJob) {
  for (const int code : {1, 2, 137}) {
    const auto ended = Job().run("exit " + std::to_string(code));
    EXPECT_EQ(ended.code, code);
    EXPECT_EQ(ended.requeued, "");
  }
}

TEST(BatchFlow, FailuresOnALostNodeAreRequeued) {
  Job job;
  job.srun("[[ \" $* \" == *' --nodes=1 '* ]]");
  const auto ended = job.run("exit 137");
  EXPECT_EQ(ended.requeued, "7\n");
  EXPECT_THAT(ended.errors, HasSubstr("lost a node; requeued"));
  Job mistaken;
  mistaken.srun("[[ \" $* \" == *' --nodes=1 '* ]]");
  EXPECT_EQ(mistaken.run("exit 2").requeued, "");
}

TEST(BatchFlow, AnSrunThatNeverWorksIsNoLostNode) {
  Job job;
  job.srun("exit 1");
  EXPECT_EQ(job.run("exit 1").requeued, "");
}

TEST(BatchFlow, SignalsReachTheRanks) {
  // The shell is the parent of mpirun, and may be told more than once.
  const auto* ranks = R"(trap 'kill "$!"; exit 75' USR1
kill -USR1 $PPID
sleep 20 &
wait $!
exit 1
)";
  EXPECT_EQ(Job().run(ranks).requeued, "7\n");
  const auto* deaf = "trap '' USR1\nkill -TERM $PPID\nkill -USR1 $PPID\nsleep 0.2\nexit 75\n";
  EXPECT_EQ(Job().run(deaf).requeued, "7\n");
}

TEST(BatchFlow, RanksThatASignalMetTooEarlyAreStartedAgain) {
  const auto ended = Job().run("kill -USR1 $$");
  EXPECT_EQ(ended.requeued, "7\n");
}

TEST(BatchFlow, RequeuedSoOftenAndNoMore) {
  Job job;
  job.set("SLURM_RESTART_COUNT", "3");
  const auto ended = job.run("exit 75", 3);
  EXPECT_EQ(ended.code, 75);
  EXPECT_EQ(ended.requeued, "");
  EXPECT_THAT(ended.errors, HasSubstr("this was start 4, and the site's max_restarts is 3"));
  EXPECT_EQ(job.run("exit 75", 4).requeued, "7\n");
}

TEST(BatchFlow, CancelledJobsStayCancelled) {
  Job job;
  job.be_in_state("CANCELLED");
  const auto ended = job.run("exit 75");
  EXPECT_EQ(ended.code, 75);
  EXPECT_EQ(ended.requeued, "");
  EXPECT_THAT(ended.errors, HasSubstr("the job's state is CANCELLED"));
}

}  // namespace
}  // namespace farpoint::cli
