// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "commands.hpp"
#include "export/exporter.hpp"
#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/terminal.hpp"
#include "farpoint/pipeline/finished_run.hpp"
#include "farpoint/store/table_file.hpp"
#include "inputs.hpp"
#include "jobs.hpp"
#include "subset_attributes.hpp"

namespace farpoint::cli {

namespace {

using namespace pipeline;
namespace fs = std::filesystem;

/// A value of the command line, as a configuration would have it; errors name the option.
Node value(const std::string& text, const std::string& option) {
  Node node = Node::scalar(text);
  node.place.file = std::make_shared<const std::string>(fmt::format("{} {}", option, text));
  return node;
}

/// "test=0.1,validation=0.05" as a map.
Node shares(const std::string& split) {
  Node node = Node::map();
  node.place = value(split, "--split").place;
  std::istringstream parts(split);
  std::string part;
  while (std::getline(parts, part, ',')) {
    const auto equals = part.find('=');
    if (equals == std::string::npos) {
      throw UsageError(
          fmt::format("--split {}: write test=SHARE with a share between 0 and 1, such as test=0.1; "
                      "several with commas between them",
                      split));
    }
    Node share = Node::scalar(part.substr(equals + 1));
    share.place = node.place;
    node.set(part.substr(0, equals), std::move(share));
  }
  return node;
}

jobs::ExportOptions options_of(const ExportArguments& arguments) {
  Node node = Node::map();
  node.set("format", value(arguments.format, "--format"));
  node.set("path", Node::scalar(arguments.out, true));
  if (!arguments.split.empty()) node.set("split", shares(arguments.split));
  const auto set = [&](const char* key, const char* option, const std::string& text) {
    if (!text.empty()) node.set(key, value(text, option));
  };
  set("schema", "--schema", arguments.schema);
  set("stratify", "--stratify", arguments.stratify);
  set("near", "--near", arguments.near);
  set("shard_size", "--shard-size", arguments.shard_size);
  set("shard_records", "--shard-records", arguments.shard_records);
  set("license", "--license", arguments.license);
  auto options = decode<jobs::ExportOptions>(node, "export");
  jobs::check_export(options, node);
  return options;
}

/// A subset file carries the configuration of its run.
std::string config_text(const fs::path& subset) {
  auto config = jobs::text_attribute(store::TableFile(subset), "config");
  if (config.empty()) {
    throw UsageError(fmt::format("{}: this is not a subset file: it has no attribute 'config'", subset.string()));
  }
  return config;
}

/// Files that are written must be neither the run's own nor its inputs.
void check_outputs(const jobs::ExportTarget& target, const RunFolder& run, const std::vector<fs::path>& inputs) {
  for (const auto& name : jobs::exported_files(target.options, target.path)) {
    const auto file = target.path.parent_path() / name;
    check_spares_inputs(file, inputs);
    run.check_output(file);
  }
  if (target.options.format == jobs::ExportKind::datasets) run.check_output(target.path / "README.md");
}

void configure(jobs::ExportTarget& target, const Config& config) {
  target.seed = config.run.seed;
  target.specs = config.corpus.pool;
}

jobs::ExportResult export_run(const fs::path& path, jobs::ExportTarget& target) {
  const FinishedRun run(path, jobs::all_jobs());
  check_outputs(target, run.folder(), remaining_inputs(run.config()));
  configure(target, run.config());
  target.config = read_file(run.folder().config());
  target.run_folder = run.folder().path;
  if (run.has_subset()) return jobs::export_records(jobs::records_of_subset(run.folder().subset()), target);
  if (run.selects()) {
    throw UsageError(
        fmt::format("{}: the run has not finished its select, or subset.h5 was changed since; run the same "
                    "command again",
                    run.folder().path.string()));
  }
  const jobs::RecordPass kept = [&](const auto& visit) {
    run.for_each_shard([&](const Shard& shard) { jobs::visit_records(shard, visit); });
  };
  return jobs::export_records(kept, target);
}

jobs::ExportResult export_subset(const fs::path& path, jobs::ExportTarget& target) {
  target.config = config_text(path);
  const auto folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const auto config = read_config(parse_yaml(target.config, path.string()), folder);
  auto inputs = remaining_inputs(config);
  inputs.push_back(path);
  check_outputs(target, RunFolder{folder}, inputs);
  configure(target, config);
  return jobs::export_records(jobs::records_of_subset(path), target);
}

void report_written(const ExportArguments& arguments, const jobs::ExportTarget& target,
                    const jobs::ExportResult& result) {
  std::vector<std::string> parts;
  for (const auto& [name, records] : result.parts) parts.push_back(fmt::format("{} {}", name, records));
  if (terminal::verbosity() != terminal::Verbosity::quiet) {
    terminal::print_line(fmt::format("{} records written{}", result.records,
                                     parts.empty() ? "" : fmt::format(": {}", fmt::join(parts, ", "))));
  }
  if (!arguments.json) return;
  std::vector<std::string> files;
  for (const auto& name : jobs::exported_files(target.options, target.path)) {
    files.push_back((target.path.parent_path() / name).string());
  }
  nlohmann::ordered_json json{{"records", result.records}, {"format", arguments.format}, {"files", files}};
  if (!result.parts.empty()) json["parts"] = result.parts;
  std::cout << json.dump(2) << "\n";
}

}  // namespace

std::vector<std::string> export_formats() {
  const auto& names = Names<jobs::ExportKind>::values;
  return {names.begin(), names.end()};
}

int export_records(const ExportArguments& arguments) {
  jobs::ExportTarget target;
  target.options = options_of(arguments);
  target.path = arguments.out;
  if (!target.path.has_filename()) target.path = target.path.parent_path();  // "folder/"
  jobs::check_format(target.options, target.path);
  const fs::path path = arguments.run_or_subset;
  const auto result = fs::is_directory(path) ? export_run(path, target) : export_subset(path, target);
  report_written(arguments, target, result);
  return 0;
}

}  // namespace farpoint::cli
