// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "batch_script.hpp"
#include "batch_values.hpp"
#include "child_process.hpp"
#include "commands.hpp"
#include "expectation.hpp"
#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/pipeline/run_folder.hpp"

namespace farpoint::cli {

namespace {

namespace fs = std::filesystem;

std::string job_name(const SubmitArguments& arguments) {
  auto name = arguments.configs.size() == 1 ? fs::path(arguments.configs.front()).stem().string() : "array";
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0 && c != '-'; }, '_');
  return "farpoint-" + name;
}

/// What the largest of the runs needs on a node, by the estimate; 0 where that cannot be said, or nobody asks.
/// Collective.
std::uint64_t estimated_memory(comm::Communicator& comm, const SubmitArguments& arguments,
                               const std::vector<RunArguments>& runs) {
  std::uint64_t most = 0;
  if (!arguments.memory_per_node.empty()) return most;
  const auto ranks = std::min(arguments.nodes * arguments.ranks_per_node, std::uint64_t{1} << 20);
  const Layout layout{static_cast<int>(ranks), static_cast<int>(arguments.ranks_per_node),
                      static_cast<int>(arguments.cpus_per_rank), arguments.gpus_per_rank > 0};
  for (const auto& run : runs) most = std::max(most, memory_to_ask_for(comm, run, layout).value_or(0));
  return most;
}

/// --mem: what the command line says, else the site, else the estimate in bytes.
std::string memory_of(const SubmitArguments& arguments, const Site& site, std::uint64_t estimate) {
  const auto& text = arguments.memory_per_node.empty() ? site.memory_per_node : arguments.memory_per_node;
  if (text.empty()) return estimate == 0 ? "" : fmt::format("{}M", (estimate >> 20) + 1);
  const auto memory = slurm_memory(text);
  if (!memory) {
    throw UsageError(fmt::format("--memory-per-node {}: write a whole number with a unit, such as 64G", text));
  }
  return *memory;
}

Resources resources_of(const SubmitArguments& arguments, const Site& site, std::uint64_t memory) {
  if (!arguments.time.empty()) {
    const auto seconds = slurm_seconds(arguments.time);
    if (!seconds) {
      throw UsageError(fmt::format("--time {}: write minutes, H:M:S, D-H or D-H:M:S", arguments.time));
    }
    if (*seconds <= site.signal_seconds) {
      throw UsageError(
          fmt::format("--time {}: the run is told to stop {} s before the limit, which is before it "
                      "starts; give it more time, or make the site's signal_seconds less",
                      arguments.time, site.signal_seconds));
    }
  }
  return {arguments.nodes,         arguments.ranks_per_node, arguments.gpus_per_rank,
          arguments.cpus_per_rank, arguments.time,           memory_of(arguments, site, memory)};
}

BatchJob job_of(const SubmitArguments& arguments, const std::vector<fs::path>& outputs, const Site& site,
                std::uint64_t memory) {
  BatchJob job;
  job.name = job_name(arguments);
  job.program = fs::read_symlink("/proc/self/exe");
  job.folder = fs::current_path();
  job.log_folder = outputs.front();
  job.resources = resources_of(arguments, site, memory);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    job.runs.push_back({fs::absolute(arguments.configs[i]), outputs[i], arguments.set});
  }
  return job;
}

/// Two runs at the same time in one folder would refuse each other.
void check_folders(const std::vector<fs::path>& outputs) {
  std::set<fs::path> seen;
  for (const auto& output : outputs) {
    pipeline::RunFolder{output}.check_config();
    if (seen.insert(output).second) continue;
    throw UsageError(fmt::format("{}: two of the configurations have this folder; give each a run.output of its own",
                                 output.string()));
  }
}

/// Returns the number that Slurm gave the job.
std::string call_sbatch(const fs::path& script) {
  const auto result = run_program({"sbatch", "--parsable", script.string()});
  if (!result) {
    throw Error(
        fmt::format("sbatch is not here: submit on a machine of the cluster; the script is {}", script.string()));
  }
  if (result->code != 0) {
    throw Error(fmt::format("sbatch refused {} (exit code {}): {}", script.string(), result->code, result->errors));
  }
  fmt::print(stderr, "{}", result->errors);  // warnings
  // "N", or "N;cluster"
  return result->output.substr(0, result->output.find_first_of(";\n"));
}

}  // namespace

int submit(comm::Communicator& comm, const SubmitArguments& arguments) {
  if (arguments.configs.size() > 1 && !arguments.output.empty()) {
    throw UsageError("--output is the folder of one run; several configurations need a run.output each");
  }
  std::vector<fs::path> outputs;
  std::vector<RunArguments> runs;
  for (const auto& config : arguments.configs) {
    RunArguments run;
    run.config = config;
    run.output = arguments.output;
    run.set = arguments.set;
    outputs.push_back(fs::absolute(check_run(comm, run)).lexically_normal());
    runs.push_back(run);
  }
  const auto memory = estimated_memory(comm, arguments, runs);
  comm::agree(comm, [&] {
    if (comm.rank() != 0) return;
    check_folders(outputs);
    const auto site = find_site(arguments.site);
    const auto script = batch_script(site, job_of(arguments, outputs, site, memory));
    if (arguments.dry_run) {
      fmt::print("{}", script);
      return;
    }
    // Slurm makes no folder for what the job prints.
    fs::path file = outputs.front() / (outputs.size() == 1 ? "farpoint.sbatch" : "farpoint-array.sbatch");
    write_file(file, script);
    fmt::print("Submitted batch job {}\n", call_sbatch(file));
  });
  return 0;
}

}  // namespace farpoint::cli
