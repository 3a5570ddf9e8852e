// SPDX-License-Identifier: Apache-2.0
// Commands that run a pipeline, or look at a configuration before that.
#include <memory>

#include "command_line/command.hpp"
#include "commands.hpp"
#include "devices.hpp"

namespace farpoint::cli {

namespace {

void add_config(CLI::App& command, RunArguments& arguments) {
  command.add_option("config", arguments.config, "the configuration")->required()->type_name(value::config);
}

void add_settings(CLI::App& command, std::string& output, std::vector<std::string>& set) {
  command.add_option("--output", output, "folder of the run, instead of run.output")
      ->type_name(value::folder)
      ->group(group::choice);
  command.add_option("--set", set, "changes one value, such as run.seed=3 or select.budget.records=500")
      ->expected(1)
      ->take_all()
      ->type_name(value::setting)
      ->group(group::choice);
}

void add_memory(CLI::App& command, RunArguments& arguments) {
  command
      .add_option("--memory-per-node", arguments.memory_per_node,
                  "memory that the ranks of a node may take, such as 64GB; default: what this machine has")
      ->type_name("SIZE")
      ->group(group::resources);
}

/// Seconds, from 90s, 55m or 2h.
CLI::AsNumberWithUnit duration() {
  return CLI::AsNumberWithUnit(std::map<std::string, double>{{"s", 1}, {"m", 60}, {"h", 3600}},
                               CLI::AsNumberWithUnit::UNIT_REQUIRED, "TIME");
}

Body declare_init(CLI::App& command, const Surroundings&) {
  auto arguments = std::make_shared<InitArguments>();
  command.add_option("files", arguments->files, "files, globs or folders; default: the working folder")
      ->type_name(value::file);
  command.add_option("--output", arguments->output, "the configuration that is written")
      ->type_name(value::config)
      ->capture_default_str()
      ->group(group::output);
  command.add_flag("--force", arguments->force, "replace it where it is there already")->group(group::output);
  add_json(command, arguments->json, "what was found, for programs");
  return on_first_rank([arguments] { return init(*arguments); });
}

Body declare_run(CLI::App& command, const Surroundings&) {
  auto arguments = std::make_shared<RunArguments>();
  add_config(command, *arguments);
  add_settings(command, arguments->output, arguments->set);
  command.add_flag("--fresh", arguments->fresh, "start over instead of keeping what is finished")->group(group::choice);
  command.add_option("--until", arguments->until, "stop behind this job")->type_name(value::job)->group(group::choice);
  command.add_flag("--dry-run", arguments->dry_run, "only print the plan")->group(group::choice);
  command
      .add_option("--time-limit", arguments->seconds,
                  "stop behind so long (90s, 55m, 2h), with exit code 75, where the same command goes on")
      ->transform(duration())
      ->check(CLI::NonNegativeNumber)
      ->type_name("TIME")
      ->group(group::resources);
  command.add_flag("--force", arguments->force, "run also what cannot fit, by the estimate")->group(group::resources);
  add_memory(command, *arguments);
  add_json(command, arguments->json, "the summary on standard output, for programs");
  return [arguments](comm::Communicator& comm) { return run(comm, *arguments); };
}

Body declare_validate(CLI::App& command, const Surroundings&) {
  auto arguments = std::make_shared<RunArguments>();
  add_config(command, *arguments);
  add_settings(command, arguments->output, arguments->set);
  add_json(command, arguments->json, "the list of problems on standard output, for programs");
  return [arguments](comm::Communicator& comm) { return validate(comm, *arguments); };
}

Body declare_estimate(CLI::App& command, const Surroundings& surroundings) {
  auto arguments = std::make_shared<EstimateArguments>();
  arguments->ranks = surroundings.ranks;
  add_config(command, arguments->run);
  add_settings(command, arguments->run.output, arguments->run.set);
  add_memory(command, arguments->run);
  command.add_option("--ranks", arguments->ranks, "ranks of the run")
      ->check(CLI::Range(1, 1 << 20))
      ->type_name("N")
      ->group(group::resources);
  command.add_option("--ranks-per-node", arguments->ranks_per_node, "ranks on each node; default: all on one")
      ->check(CLI::Range(1, 4096))
      ->type_name("N")
      ->group(group::resources);
  add_choice(command, "--gpu", arguments->gpu, device_names(), "a GPU for each rank's models")->group(group::resources);
  add_choice(command, "--format", arguments->format, {"text", "json"}, "how it is printed")->group(group::output);
  add_json(command, arguments->run.json, "the same as --format json");
  return [arguments](comm::Communicator& comm) { return estimate(comm, *arguments); };
}

void add_count(CLI::App& command, const char* name, std::uint64_t& count, const char* help, std::uint64_t least = 1) {
  command.add_option(name, count, help)
      ->check(CLI::Range(least, std::uint64_t{1} << 20))
      ->type_name("N")
      ->capture_default_str()
      ->group(group::resources);
}

Body declare_submit(CLI::App& command, const Surroundings&) {
  auto arguments = std::make_shared<SubmitArguments>();
  command.add_option("configs", arguments->configs, "the configuration; several become a job array")
      ->required()
      ->type_name(value::config);
  add_settings(command, arguments->output, arguments->set);
  command.add_flag("--dry-run", arguments->dry_run, "only print the script")->group(group::choice);
  command
      .add_option("--site", arguments->site,
                  "what the cluster is like, a YAML file; default: $FARPOINT_SITE, ~/.config/farpoint/site.yaml")
      ->type_name(value::file)
      ->group(group::resources);
  add_count(command, "--nodes", arguments->nodes, "machines");
  add_count(command, "--ranks-per-node", arguments->ranks_per_node, "processes on each of them");
  add_count(command, "--gpus-per-rank", arguments->gpus_per_rank, "GPUs of each process", 0);
  add_count(command, "--cpus-per-rank", arguments->cpus_per_rank, "cores, and threads, of each process");
  command.add_option("--time", arguments->time, "time limit: minutes, H:M:S, D-H; default: the partition's")
      ->type_name("TIME")
      ->group(group::resources);
  command
      .add_option("--memory-per-node", arguments->memory_per_node, "such as 64G; default: the site's, or the estimate")
      ->type_name("SIZE")
      ->group(group::resources);
  return [arguments](comm::Communicator& comm) { return submit(comm, *arguments); };
}

Body declare_bench(CLI::App& command, const Surroundings&) {
  auto arguments = std::make_shared<BenchArguments>();
  command.add_option("--records", arguments->records, "of the corpus that is made")
      ->check(CLI::Range(std::uint64_t{10}, std::uint64_t{100'000'000}))
      ->type_name("N")
      ->capture_default_str()
      ->group(group::choice);
  command.add_option("--repeats", arguments->repeats, "runs; the median counts")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1000}))
      ->type_name("N")
      ->capture_default_str()
      ->group(group::choice);
  command.add_option("--folder", arguments->folder, "where a temporary folder is made that all ranks can see")
      ->type_name(value::folder)
      ->capture_default_str()
      ->group(group::choice);
  command.add_option("--against", arguments->against, "compares with a saved result")
      ->type_name(value::file)
      ->group(group::output);
  command.add_option("--save", arguments->save, "writes the result as JSON")
      ->type_name(value::file)
      ->group(group::output);
  add_json(command, arguments->json, "the result on standard output, as --save writes it");
  return [arguments](comm::Communicator& comm) { return bench(comm, *arguments); };
}

constexpr const char* section = "Run";

}  // namespace

Command init_command() {
  return {"init",
          section,
          "Looks at files and writes a first configuration for them",
          {{"farpoint init data/", "everything below a folder, into config.yaml"},
           {"farpoint init a.jsonl 'web/*.json.gz' --output web.yaml", "named files, and another name"}},
          declare_init};
}

Command run_command() {
  return {
      "run",
      section,
      "Runs the pipeline of a configuration, and goes on with a run that was interrupted",
      {{"farpoint run config.yaml", "run it, or go on where it ended"},
       {"farpoint run config.yaml --output runs/b --set select.budget.records=500", "the same with one value changed"},
       {"farpoint run config.yaml --until embed --time-limit 55m", "only up to a job, and no longer than that"}},
      declare_run};
}

Command validate_command() {
  return {
      "validate",
      section,
      "Finds everything that is wrong with a configuration: keys, types, inputs, the order of jobs, columns; changes "
      "nothing",
      {{"farpoint validate config.yaml", "each problem with file, line and column"},
       {"farpoint validate config.yaml --json", "the same for an editor or a script"}},
      declare_validate};
}

Command estimate_command() {
  return {"estimate",
          section,
          "Tells what a run would need of memory, disk and time",
          {{"farpoint estimate config.yaml --ranks 64 --ranks-per-node 16", "on four nodes like this machine"},
           {"farpoint estimate config.yaml --gpu a100 --json", "with a GPU for each rank's models"}},
          declare_estimate};
}

Command submit_command() {
  return {"submit",
          section,
          "Writes a batch script for Slurm and submits it",
          {{"farpoint submit config.yaml --nodes 4 --ranks-per-node 16 --time 2:00:00", "four nodes for two hours"},
           {"farpoint submit a.yaml b.yaml --dry-run", "only print the script, here of a job array"}},
          declare_submit};
}

Command bench_command() {
  return {"bench",
          "This program",
          "Measures the jobs on a small generated corpus, and compares with an earlier result",
          {{"farpoint bench --save before.json", "measure"},
           {"farpoint bench --against before.json", "measure again, beside what it was"}},
          declare_bench};
}

}  // namespace farpoint::cli
