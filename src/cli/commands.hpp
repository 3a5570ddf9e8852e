// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "farpoint/comm/communicator.hpp"

/// The commands of the program. Each takes what the command line said and returns the exit code.
namespace farpoint::cli {

struct RunArguments {
  std::string config;
  std::string output;
  std::vector<std::string> set;
  bool fresh = false;
  std::string until;
  bool dry_run = false;
  std::optional<double> seconds;  ///< of the run, after which it stops where it can go on
  bool force = false;             ///< also what cannot fit
  std::string memory_per_node;    ///< such as 8GB; empty: what this machine has
  bool json = false;              ///< results on standard output are JSON, for programs
};
int run(comm::Communicator& comm, const RunArguments& arguments);

/// Checks everything that can be checked without doing the work.
int validate(comm::Communicator& comm, const RunArguments& arguments);

/// The checks of validate, without a word. Returns the run's folder. Collective.
std::string check_run(comm::Communicator& comm, const RunArguments& arguments);

struct SubmitArguments {
  std::vector<std::string> configs;  ///< several: a job array with a task for each
  std::string site;
  std::string output;
  std::vector<std::string> set;
  std::uint64_t nodes = 1;
  std::uint64_t ranks_per_node = 1;
  std::uint64_t gpus_per_rank = 0;
  std::uint64_t cpus_per_rank = 1;
  std::string time;
  std::string memory_per_node;
  bool dry_run = false;
};
/// Writes an sbatch script into the folder of the (first) run and submits it.
int submit(comm::Communicator& comm, const SubmitArguments& arguments);

struct EstimateArguments {
  RunArguments run;
  int ranks = 1;
  std::optional<int> ranks_per_node;  ///< unset: all of them
  std::string gpu;                    ///< empty: models compute on this machine's CPU
  std::string format = "text";
};
/// What the run would need of memory, disk and time.
int estimate(comm::Communicator& comm, const EstimateArguments& arguments);

struct InspectArguments {
  std::string path;
  std::optional<std::uint64_t> record;
  bool json = false;
};
/// What a run's folder or an HDF5 file holds, or what a run did to one record.
int inspect(const InspectArguments& arguments);

struct StatusArguments {
  std::string run;
  bool json = false;
};
/// What a run is doing, or how it ended.
int status(const StatusArguments& arguments);

struct TableArguments {
  std::string run;
  std::vector<std::string> columns;
  std::string format = "csv";
  std::string out;
  bool json = false;  ///< the same as format jsonl
};
int table(const TableArguments& arguments);

struct ExportArguments {
  std::string run_or_subset;
  std::string format;
  std::string out;
  std::string split;
  bool json = false;
  // Empty: what the job has.
  std::string schema;
  std::string stratify;
  std::string near;
  std::string shard_size;
  std::string shard_records;
  std::string license;
};
/// What `format` may be.
std::vector<std::string> export_formats();
int export_records(const ExportArguments& arguments);

struct ReportArguments {
  std::string run;
  std::string out;  ///< empty: as the run's own report is called, in its folder
};
/// The page of the job `report`, of a run that has finished. Collective.
int report(comm::Communicator& comm, const ReportArguments& arguments);

struct CompareArguments {
  std::vector<std::string> runs;
  std::string out;  ///< a page; empty: none
  bool json = false;
};
/// How runs differ in what they chose.
int compare(const CompareArguments& arguments);

struct BenchArguments {
  std::uint64_t records = 20000;
  std::uint64_t repeats = 3;
  std::string folder = ".";
  std::string save;
  std::string against;
  bool json = false;
};
/// How fast this build is on these ranks, on a small generated corpus; beside what an earlier call has saved.
int bench(comm::Communicator& comm, const BenchArguments& arguments);

struct InitArguments {
  std::vector<std::string> files;  ///< globs and folders too; empty: the working folder
  std::string output = "config.yaml";
  bool force = false;
  bool json = false;
};
/// Looks at the files, and writes a configuration that runs over them.
int init(const InitArguments& arguments);

/// Names of the jobs.
std::vector<std::string> job_names();
/// Names of the parts of a configuration that can be told of: the jobs, and run, corpus and models.
std::vector<std::string> topic_names();
/// Which option `word` is the name or a value of: "'k-center' is a value of 'select.method': farpoint help select". ""
/// of any other word.
std::string known_as(const std::string& word);
bool is_topic(const std::string& name);
/// The options of a part, for people. Throws UsageError, with a suggestion, when there is no such part.
std::string topic_text(const std::string& name);
/// A line for each job.
std::string job_list();
/// The same as JSON; `name` empty: of all parts.
std::string topics_json(const std::string& name);
/// What --set may begin with: "select.budget.records=".
std::vector<std::string> setting_keys();

/// docs/configuration.md, made from the option structs.
std::string configuration_page();

/// Version, libraries, device support.
std::string version_text();

}  // namespace farpoint::cli
