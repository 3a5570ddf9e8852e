// SPDX-License-Identifier: Apache-2.0
#include "batch_script.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "cli/shell.hpp"
#include "farpoint/base/error.hpp"

namespace farpoint::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

BatchJob example_job() {
  BatchJob job;
  job.name = "farpoint-x";
  job.program = "/opt/farpoint";
  job.folder = "/work";
  job.log_folder = "/data/out";
  job.runs = {{"/data/x.yaml", "/data/out", {}}};
  job.resources = {2, 4, 1, 8, "1:00:00", "64G"};
  return job;
}

std::string example_script(const Site& site = {}) {
  return batch_script(site, example_job());
}

TEST(BatchScript, AsksForWhatTheJobNeeds) {
  const auto script = example_script();
  for (const auto* line :
       {"#SBATCH --nodes=2", "#SBATCH --ntasks-per-node=4", "#SBATCH --cpus-per-task=8", "#SBATCH --gres=gpu:4",
        "#SBATCH --time=\"1:00:00\"", "#SBATCH --mem=\"64G\"", "#SBATCH --signal=B:USR1@120", "#SBATCH --requeue",
        "#SBATCH --open-mode=append", "#SBATCH --output=\"/data/out/slurm-%j.out\"", "export OMP_NUM_THREADS=8"}) {
    EXPECT_THAT(script, HasSubstr(std::string("\n") + line + "\n"));
  }
  EXPECT_THAT(script, Not(HasSubstr("--array")));
  EXPECT_TRUE(Shell().parses(script));
}

TEST(BatchScript, AsksForNothingThatNobodyNamed) {
  auto job = example_job();
  job.resources = {};
  const auto script = batch_script({}, job);
  for (const auto* option : {"--time", "--mem", "gpu", "--partition", "--account", "--qos", "TMPDIR", "module"}) {
    EXPECT_THAT(script, Not(HasSubstr(option)));
  }
}

TEST(BatchScript, AsksForWhatTheSiteNames) {
  Site site;
  site.partition = "gpu";
  site.account = "proj-7";
  site.qos = "long";
  site.reservation = "course";
  site.constraint = "h200&nvme";
  const auto script = example_script(site);
  for (const auto* line : {"#SBATCH --partition=\"gpu\"", "#SBATCH --account=\"proj-7\"", "#SBATCH --qos=\"long\"",
                           "#SBATCH --reservation=\"course\"", "#SBATCH --constraint=\"h200&nvme\""}) {
    EXPECT_THAT(script, HasSubstr(std::string(line) + "\n"));
  }
}

TEST(BatchScript, GpusAreCountedAsTheOptionCounts) {
  Site site;
  site.gpu_flag = "--gpus-per-task={n}";
  EXPECT_THAT(example_script(site), HasSubstr("#SBATCH --gpus-per-task=1\n"));
  site.gpu_flag = "--gpus-per-node=h200:{n}";
  EXPECT_THAT(example_script(site), HasSubstr("#SBATCH --gpus-per-node=h200:4\n"));
}

TEST(BatchScript, LaunchersAreCalledInTheirWay) {
  Site site;
  EXPECT_THAT(example_script(site),
              HasSubstr("launch=(srun --mpi=pmix --cpus-per-task=8 --wait=60 --cpu-bind=cores /opt/farpoint run "));
  site.launcher = Launcher::mpirun;
  EXPECT_THAT(example_script(site), HasSubstr("launch=(mpirun -n 8 --bind-to none /opt/farpoint run "));
  site.binding = "--map-by slot:PE=8  --bind-to core";
  site.launcher_arguments = {"--mca", "btl_tcp_if_include", "ib0 ib1"};
  EXPECT_THAT(example_script(site), HasSubstr("launch=(mpirun -n 8 --map-by slot:PE=8 --bind-to core --mca "
                                              "btl_tcp_if_include 'ib0 ib1' /opt/farpoint run "));
}

TEST(BatchScript, TheSiteSetsThingsUpInOrder) {
  Site site;
  site.setup = {"source /etc/profile"};
  site.modules = {"gcc/12", "open mpi"};
  site.environment = {{"DATA", "$HOME/my data"}};
  site.scratch = "/scratch/$USER";
  site.directives = {"--exclusive"};
  const auto script = example_script(site);
  EXPECT_THAT(script, HasSubstr("source /etc/profile\nmodule load gcc/12 || exit 1\nmodule load 'open mpi' || exit 1\n"
                                "export DATA=\"$HOME/my data\"\nexport TMPDIR=\"/scratch/$USER\"\n"));
  EXPECT_THAT(script, HasSubstr("#SBATCH --exclusive\n"));
  EXPECT_TRUE(Shell().parses(script));
}

TEST(BatchScript, LineBreaksAreRefused) {
  auto job = example_job();
  job.runs.front().set = {"run.seed=1\n#SBATCH --nodes=9"};
  EXPECT_THROW(batch_script({}, job), UsageError);
  job = example_job();
  job.folder = "/work\nx";
  EXPECT_THROW(batch_script({}, job), UsageError);
}

/// What a launcher that writes down its arguments gets, run by run.
std::string launched(const std::string& script, const std::string& task) {
  Shell shell;
  shell.add_program("mpirun", "printf '<%s>' \"${@:5}\"");
  shell.set("SLURM_ARRAY_TASK_ID", task);
  const auto result = shell.run(script);
  return result.code == 0 ? result.output : result.errors;
}

RC_GTEST_PROP(BatchScript, WhatUsersNameArrivesAsItIs, ()) {
  const auto text =
      rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(std::string("'\"$`!#&|;<>()*?~ -aHOME0"))));
  Site site;
  site.launcher = Launcher::mpirun;
  auto job = example_job();
  job.runs.clear();
  const auto tasks = *rc::gen::inRange(1, 4);
  for (int task = 0; task < tasks; ++task) job.runs.push_back({*text, *text, {*text, *text}});
  const auto script = batch_script(site, job);
  const auto task = *rc::gen::inRange(0, tasks);
  const auto& run = job.runs[static_cast<std::size_t>(task)];
  RC_ASSERT(launched(script, std::to_string(task)) == "</opt/farpoint><run><" + run.config.string() + "><--output><" +
                                                          run.output.string() + "><--set><" + run.set[0] + "><--set><" +
                                                          run.set[1] + ">");
}

TEST(BatchScript, ATaskThatIsNotThereIsNoRun) {
  auto job = example_job();
  job.runs.push_back({"/data/y.yaml", "/data/y", {}});
  const auto script = batch_script({}, job);
  EXPECT_THAT(script, HasSubstr("#SBATCH --array=0-1\n"));
  EXPECT_THAT(script, HasSubstr("#SBATCH --output=\"/data/out/slurm-%A_%a.out\"\n"));
  EXPECT_THAT(launched(script, "2"), HasSubstr("there is no task 2"));
}

}  // namespace
}  // namespace farpoint::cli
