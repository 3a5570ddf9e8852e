// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <malloc.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>

#include "commands.hpp"
#include "farpoint/comm/run.hpp"

namespace {

using namespace farpoint;

void add_config_options(CLI::App& command, cli::RunArguments& arguments) {
  command.add_option("config", arguments.config, "the configuration, a YAML file")->required();
  command.add_option("--output", arguments.output, "folder of the run, instead of run.output");
  command.add_option("--set", arguments.set, "changes one value: run.seed=3, select.budget.records=500")
      ->expected(1)
      ->take_all()
      ->type_name("KEY=VALUE");
}

void add_submit_options(CLI::App& command, cli::SubmitArguments& arguments) {
  command.add_option("configs", arguments.configs, "the configuration; several become a job array")->required();
  command.add_option("--site", arguments.site,
                     "what the cluster is like, a YAML file; default: $FARPOINT_SITE, ~/.config/farpoint/site.yaml");
  const auto add_count = [&](const char* name, std::uint64_t& count, const char* help, std::uint64_t least = 1) {
    command.add_option(name, count, help)->check(CLI::Range(least, std::uint64_t{1} << 20))->capture_default_str();
  };
  add_count("--nodes", arguments.nodes, "machines");
  add_count("--ranks-per-node", arguments.ranks_per_node, "processes on each of them");
  add_count("--gpus-per-rank", arguments.gpus_per_rank, "GPUs of each process", 0);
  add_count("--cpus-per-rank", arguments.cpus_per_rank, "cores, and threads, of each process");
  command.add_option("--time", arguments.time, "time limit: minutes, H:M:S, D-H; default: the partition's");
  command.add_option("--memory-per-node", arguments.memory_per_node, "such as 64G; default: the site's");
  command.add_option("--output", arguments.output, "folder of the run, instead of run.output");
  command.add_option("--set", arguments.set, "changes one value, as in run")
      ->expected(1)
      ->take_all()
      ->type_name("KEY=VALUE");
  command.add_flag("--dry-run", arguments.dry_run, "only print the script");
}

void add_bench_options(CLI::App& command, cli::BenchArguments& arguments) {
  command.add_option("--records", arguments.records, "of the corpus that is made")
      ->check(CLI::Range(std::uint64_t{10}, std::uint64_t{100'000'000}))
      ->capture_default_str();
  command.add_option("--repeats", arguments.repeats, "runs; the median counts")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1000}))
      ->capture_default_str();
  command.add_option("--folder", arguments.folder, "where a temporary folder is made that all ranks can see")
      ->capture_default_str();
  command.add_option("--save", arguments.save, "writes the result as JSON");
  command.add_option("--against", arguments.against, "compares with a saved result");
}

void add_memory_option(CLI::App& command, cli::RunArguments& arguments) {
  command.add_option("--memory-per-node", arguments.memory_per_node,
                     "memory that the ranks of a node may take, such as 64GB; default: what this machine has");
}

void add_estimate_options(CLI::App& command, cli::EstimateArguments& arguments) {
  add_config_options(command, arguments.run);
  add_memory_option(command, arguments.run);
  command.add_option("--ranks", arguments.ranks, "ranks of the run")->check(CLI::Range(1, 1 << 20));
  command.add_option("--ranks-per-node", arguments.ranks_per_node, "ranks on each node; default: all on one")
      ->check(CLI::Range(1, 4096));
  command.add_option("--gpu", arguments.gpu, "a GPU for each rank's models: h200, h100, a100, l40s or v100");
  command.add_option("--format", arguments.format, "text or json")->check(CLI::IsMember({"text", "json"}));
}

/// Commands that one process does; the others wait for its outcome.
int on_first_rank(comm::Communicator& comm, const std::function<int()>& command) {
  int code = 0;
  comm::agree(comm, [&] {
    if (comm.rank() == 0) code = command();
  });
  return code;
}

/// What is printed is a result: a full disk must not pass for success.
void check_standard_output(comm::Communicator& comm) {
  comm::agree(comm, [&] {
    if (comm.rank() != 0) return;
    std::cout.flush();
    if (!std::cout || std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
      throw Error("standard output cannot be written");
    }
  });
}

int dispatch(comm::Communicator& comm, int argc, char** argv) {
  CLI::App app{"Farpoint chooses fine-tuning data for language models out of large corpora.", "farpoint"};
  app.require_subcommand(1);
  // Made only when it is asked for: it looks for GPUs.
  app.set_version_flag("--version", [] { return cli::version_text(); });
  app.fallthrough(false);

  cli::RunArguments run;
  auto* run_command = app.add_subcommand("run", "runs the pipeline; continues an interrupted run");
  add_config_options(*run_command, run);
  run_command->add_flag("--fresh", run.fresh, "start over instead of keeping what is finished");
  run_command->add_option("--until", run.until, "stop behind this job");
  run_command->add_flag("--dry-run", run.dry_run, "only print the plan");
  run_command
      ->add_option("--time-limit", run.seconds,
                   "stop behind so long, with exit code 75, where the same command goes on: 90s, 55m, 2h")
      ->transform(CLI::AsNumberWithUnit(std::map<std::string, double>{{"s", 1}, {"m", 60}, {"h", 3600}},
                                        CLI::AsNumberWithUnit::UNIT_REQUIRED, "TIME"))
      ->check(CLI::NonNegativeNumber);

  run_command->add_flag("--force", run.force, "run also what cannot fit, by the estimate");
  add_memory_option(*run_command, run);

  cli::EstimateArguments expected;
  expected.ranks = comm.size();
  auto* estimate = app.add_subcommand("estimate", "tells what a run would need of memory, disk and time");
  add_estimate_options(*estimate, expected);

  cli::RunArguments check;
  auto* validate = app.add_subcommand("validate", "checks keys, types, inputs, job order and columns; changes nothing");
  add_config_options(*validate, check);

  cli::SubmitArguments submitted;
  auto* submit = app.add_subcommand("submit", "writes a batch script for Slurm and submits it");
  add_submit_options(*submit, submitted);

  cli::InspectArguments inspected;
  auto* inspect = app.add_subcommand("inspect", "prints what a run's folder or a .h5 file holds");
  inspect->add_option("path", inspected.path, "folder or file")->required();
  inspect->add_option("--record", inspected.record, "an id: what the run did to this record, and which rule did it");

  cli::StatusArguments asked_for;
  auto* status = app.add_subcommand("status", "says what a run is doing, or how it ended");
  status->add_option("run", asked_for.run, "folder of the run")->required();
  status->add_flag("--json", asked_for.json, "everything, for programs");

  cli::TableArguments rows;
  auto* table = app.add_subcommand("table", "prints columns of a run, a line a record, in order of id");
  table->add_option("run", rows.run, "folder of the run")->required();
  table->add_option("--columns", rows.columns, "names, separated by commas")->required()->delimiter(',');
  table->add_option("--format", rows.format, "csv or jsonl")
      ->check(CLI::IsMember({"csv", "jsonl"}))
      ->capture_default_str();
  table->add_option("--out", rows.out, "file; default: standard output");

  cli::ExportArguments target;
  auto* export_command = app.add_subcommand("export", "writes the subset in a training format");
  export_command->add_option("run_or_subset", target.run_or_subset, "folder of a run, or a subset.h5")->required();
  export_command->add_option("--format", target.format, "jsonl, alpaca, sharegpt, messages or xtuner")->required();
  export_command->add_option("--out", target.out, "file; .jsonl gives lines, .json an array")->required();
  export_command->add_option("--split", target.split, "test=SHARE: also split, into NAME.train.EXT and NAME.test.EXT");

  cli::ReportArguments shown;
  auto* report = app.add_subcommand("report", "writes a page that shows the result and the evidence for it");
  report->add_option("run", shown.run, "folder of the run")->required();
  report->add_option("--out", shown.out, "file; default: report.html in the run's folder");

  cli::CompareArguments compared;
  auto* compare = app.add_subcommand("compare", "tells how runs differ in what they chose");
  compare->add_option("runs", compared.runs, "folders of two runs or more")->required();
  compare->add_option("--out", compared.out, "also writes a page, FILE.html");
  compare->add_flag("--json", compared.json, "everything, for programs");

  cli::BenchArguments benched;
  auto* bench =
      app.add_subcommand("bench", "measures the jobs on a small generated corpus; compares with an earlier result");
  add_bench_options(*bench, benched);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool asked = error.get_exit_code() == 0;  // --help, --version
    if (comm.rank() == 0) app.exit(error, std::cout, std::cerr);
    return asked ? 0 : static_cast<int>(ExitCode::usage);
  }
  if (run_command->parsed()) return cli::run(comm, run);
  if (estimate->parsed()) return cli::estimate(comm, expected);
  if (validate->parsed()) return cli::validate(comm, check);
  if (submit->parsed()) return cli::submit(comm, submitted);
  if (bench->parsed()) return cli::bench(comm, benched);
  if (report->parsed()) return cli::report(comm, shown);
  if (compare->parsed()) return on_first_rank(comm, [&] { return cli::compare(compared); });
  if (inspect->parsed()) return on_first_rank(comm, [&] { return cli::inspect(inspected); });
  if (status->parsed()) return on_first_rank(comm, [&] { return cli::status(asked_for); });
  if (table->parsed()) return on_first_rank(comm, [&] { return cli::table(rows); });
  return on_first_rank(comm, [&] { return cli::export_records(target); });
}

}  // namespace

int main(int argc, char** argv) {
  // The buffers of one shard serve the next one: given back to the system, each page would be cleared again.
  mallopt(M_MMAP_THRESHOLD, 256 << 20);
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
  return comm::run(argc, argv, [&](comm::Communicator& comm) {
    const int code = dispatch(comm, argc, argv);
    check_standard_output(comm);
    return code;
  });
}
