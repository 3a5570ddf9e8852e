// SPDX-License-Identifier: Apache-2.0
#include "batch_script.hpp"

#include <fmt/format.h>

#include <iterator>
#include <sstream>

#include "batch_values.hpp"
#include "farpoint/base/error.hpp"

namespace farpoint::cli {

namespace {

/// What runs when the ranks are started: $launch is an array with the whole command. Each rule of it was seen to be
/// needed.
constexpr std::string_view flow = R"(
# Slurm tells this shell (B:) ahead of the time limit; mpirun answers SIGTERM by killing the ranks, so they get SIGUSR1 for both.
step= asked= again=
stop() {
  asked=1 again=1
  [ -z "$step" ] || kill -USR1 "$step" 2>/dev/null
}
trap stop USR1 TERM

answers() { timeout 60 srun --overlap --mpi=none --ntasks-per-node=1 --cpus-per-task=1 "$@" true >/dev/null 2>&1; }
this_node_answers() { answers --nodes=1 --ntasks=1 --nodelist="$SLURMD_NODENAME"; }

# With srun --mpi=pmix a lost node keeps a socket that is named by job and step, even over a reboot, and no step of these
# numbers starts there again. So each start of the job has a step of another number.
if [ "${launch[0]}" = srun ]; then
  for ((i = 0; i < ${SLURM_RESTART_COUNT:-0}; ++i)); do this_node_answers; done
fi

# In the background: a shell that waits for a program in the foreground answers signals only when it has ended.
"${launch[@]}" &
step=$!
[ -z "$asked" ] || kill -USR1 "$step" 2>/dev/null
again=1
while [ -n "$again" ]; do  # a signal ends wait, and not the run
  again=
  wait "$step"
  code=$?
done
step=

# A lost node ends its ranks, and this shell may learn of it before Slurm does. Where this node answers, and not all
# together, it is not srun that fails.
has_lost_node() {
  [ "$SLURM_NNODES" -gt 1 ] && ! answers --nodes="$SLURM_NNODES" --ntasks="$SLURM_NNODES" && this_node_answers
}

case $code in
  75) why="stopped at a checkpoint" ;;
  138) why="told to stop before it was ready to" ;;  # ended by SIGUSR1
  0 | 2) exit "$code" ;;
  *)
    has_lost_node || exit "$code"
    why="lost a node" ;;
esac
# In an array the number of a task's own job may be that of the whole array.
job=$SLURM_JOB_ID
[ -z "${SLURM_ARRAY_JOB_ID:-}" ] || job=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
if [ "${SLURM_RESTART_COUNT:-0}" -ge "$max_restarts" ]; then
  echo "farpoint submit: $why, and not requeued: this was start $((SLURM_RESTART_COUNT + 1)), and the site's max_restarts is $max_restarts" >&2
  exit "$code"
fi
state=$(scontrol -o show job "$job" | sed -n 's/.* JobState=\([A-Z_]*\).*/\1/p')
case $state in
  RUNNING | TIMEOUT) ;;
  *)  # cancelled, or preempted and then requeued by Slurm itself
    echo "farpoint submit: $why, and not requeued: the job's state is ${state:-unknown}" >&2
    exit "$code" ;;
esac
trap '' TERM  # Slurm ends a requeued job, this shell included
echo "farpoint submit: $why; requeued" >&2
scontrol requeue "$job" || exit "$code"
)";

void check_text(std::string_view what, const std::string& text) {
  if (!has_control_characters(text)) return;
  throw UsageError(
      fmt::format("{} '{}': line breaks and control characters cannot stand in a batch script", what, text));
}

void check(const BatchJob& job) {
  check_text("the program", job.program.string());
  check_text("the working folder", job.folder.string());
  for (const auto& run : job.runs) {
    check_text("the configuration", run.config.string());
    check_text("the run's folder", run.output.string());
    for (const auto& setting : run.set) check_text("--set", setting);
  }
}

std::string number_directive(std::string_view name, std::uint64_t value) {
  return fmt::format("#SBATCH --{}={}\n", name, value);
}

/// Per rank where the option counts by task, else per node.
std::string gpu_directive(const Site& site, const Resources& resources) {
  const bool by_task = site.gpu_flag.find("per-task") != std::string::npos;
  const auto count = resources.gpus_per_rank * (by_task ? 1 : resources.ranks_per_node);
  auto flag = site.gpu_flag;
  flag.replace(flag.find("{n}"), 3, std::to_string(count));
  return fmt::format("#SBATCH {}\n", flag);
}

std::string directives(const Site& site, const BatchJob& job) {
  const auto& resources = job.resources;
  const bool is_array = job.runs.size() > 1;
  auto text =
      directive("job-name", job.name) + directive("chdir", job.folder.string()) +
      directive("output", output_pattern(job.log_folder.string(), is_array ? "slurm-%A_%a.out" : "slurm-%j.out")) +
      "#SBATCH --open-mode=append\n#SBATCH --requeue\n" +
      fmt::format("#SBATCH --signal=B:USR1@{}\n", site.signal_seconds) + number_directive("nodes", resources.nodes) +
      number_directive("ntasks-per-node", resources.ranks_per_node) +
      number_directive("cpus-per-task", resources.cpus_per_rank);
  if (is_array) text += fmt::format("#SBATCH --array=0-{}\n", job.runs.size() - 1);
  if (resources.gpus_per_rank > 0) text += gpu_directive(site, resources);
  const std::pair<const char*, const std::string*> named[] = {{"time", &resources.time},
                                                              {"mem", &resources.memory_per_node},
                                                              {"partition", &site.partition},
                                                              {"account", &site.account},
                                                              {"qos", &site.qos},
                                                              {"reservation", &site.reservation},
                                                              {"constraint", &site.constraint}};
  for (const auto& [name, value] : named) {
    if (!value->empty()) text += directive(name, *value);
  }
  for (const auto& line : site.directives) text += fmt::format("#SBATCH {}\n", line);
  return text;
}

std::string environment(const Site& site, const BatchJob& job) {
  std::string text;
  for (const auto& line : site.setup) text += line + "\n";
  for (const auto& module : site.modules) text += fmt::format("module load {} || exit 1\n", shell_word(module));
  for (const auto& [name, value] : site.environment) text += fmt::format("export {}={}\n", name, shell_text(value));
  if (!site.scratch.empty()) text += fmt::format("export TMPDIR={}\n", shell_text(site.scratch));
  return text + fmt::format("export OMP_NUM_THREADS={}\n", job.resources.cpus_per_rank);
}

std::string default_binding(Launcher launcher) {
  return launcher == Launcher::srun ? "--cpu-bind=cores" : "--bind-to none";
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

std::string launcher(const Site& site, const Resources& resources) {
  std::string words;
  if (site.launcher == Launcher::srun) {
    // Said again: srun does not take it from the job everywhere. When a rank has died, the others shall not wait for
    // ever.
    words = fmt::format("srun --mpi={} --cpus-per-task={} --wait=60", shell_word(site.mpi), resources.cpus_per_rank);
  } else {
    words = fmt::format("mpirun -n {}", resources.nodes * resources.ranks_per_node);
  }
  for (const auto& word : words_of(site.binding.empty() ? default_binding(site.launcher) : site.binding)) {
    words += " " + shell_word(word);
  }
  for (const auto& argument : site.launcher_arguments) words += " " + shell_word(argument);
  return words;
}

std::string run_words(const BatchRun& run) {
  auto words = fmt::format("{} --output {}", shell_word(run.config.string()), shell_word(run.output.string()));
  for (const auto& setting : run.set) words += " --set " + shell_word(setting);
  return words;
}

std::string command(const Site& site, const BatchJob& job) {
  std::string text;
  if (job.runs.size() == 1) {
    text = fmt::format("run=({})\n", run_words(job.runs.front()));
  } else {
    text = "case $SLURM_ARRAY_TASK_ID in\n";
    for (std::size_t i = 0; i < job.runs.size(); ++i)
      text += fmt::format("  {}) run=({}) ;;\n", i, run_words(job.runs[i]));
    text += "  *) echo \"farpoint submit: there is no task $SLURM_ARRAY_TASK_ID\" >&2; exit 2 ;;\nesac\n";
  }
  const auto program = site.program.empty() ? job.program.string() : site.program;
  return text + fmt::format("launch=({} {} run \"${{run[@]}}\")\nmax_restarts={}\n", launcher(site, job.resources),
                            shell_word(program), site.max_restarts);
}

}  // namespace

std::string batch_script(const Site& site, const BatchJob& job) {
  check(job);
  return "#!/bin/bash\n# Written by farpoint submit. Submitted again (sbatch FILE), it goes on where the run is.\n" +
         directives(site, job) + "\n" + environment(site, job) + "\n" + command(site, job) + std::string(flow);
}

}  // namespace farpoint::cli
