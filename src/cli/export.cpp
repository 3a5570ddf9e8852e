// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/terminal.hpp"
#include "farpoint/pipeline/finished_run.hpp"
#include "farpoint/store/table_file.hpp"
#include "inputs.hpp"
#include "jobs.hpp"
#include "subset_export.hpp"

namespace farpoint::cli {

namespace {

using namespace pipeline;

std::optional<double> parse_split(const std::string& split) {
  if (split.empty()) return std::nullopt;
  constexpr std::string_view prefix = "test=";
  double share = 0;
  const auto number = split.starts_with(prefix) ? std::string_view(split).substr(prefix.size()) : "";
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), share);
  if (error != std::errc() || end != number.data() + number.size() || !(share > 0 && share < 1)) {
    throw UsageError(fmt::format("--split {}: write test=SHARE with a share between 0 and 1, such as test=0.1", split));
  }
  return share;
}

corpus::ExportFormat parse_format(const std::string& format) {
  return Codec<corpus::ExportFormat>::decode(Node::scalar(format), "--format");
}

/// A subset file carries the configuration of its run.
Config config_of(const std::filesystem::path& subset) {
  const auto attributes = store::TableFile(subset).attributes();
  const auto config = attributes.find("config");
  if (config == attributes.end() || !std::holds_alternative<std::string>(config->second)) {
    throw UsageError(fmt::format("{}: this is not a subset file: it has no attribute 'config'", subset.string()));
  }
  return read_config(parse_yaml(std::get<std::string>(config->second), subset.string()), subset.parent_path());
}

std::uint64_t export_run(const FinishedRun& run, jobs::ExportTarget target) {
  target.seed = run.config().run.seed;
  const auto& specs = run.config().corpus.pool;
  if (run.has_subset()) return jobs::export_subset(run.folder().subset(), target, specs);
  if (run.selects()) {
    throw UsageError(
        fmt::format("{}: the run has not finished its select, or subset.h5 was changed since; run the same "
                    "command again",
                    run.folder().path.string()));
  }
  jobs::Exporter exporter(target, specs);
  run.for_each_shard([&](const Shard& shard) { exporter.write(shard); });
  exporter.commit();
  return exporter.written();
}

/// The files that there are now.
std::vector<std::string> written_files(const jobs::ExportTarget& target) {
  if (!target.test_share) return {target.path.string()};
  std::vector<std::string> files;
  for (const auto* part : {".train", ".test"}) {
    auto path = target.path;
    path.replace_filename(target.path.stem().string() + part + target.path.extension().string());
    files.push_back(path.string());
  }
  return files;
}

void report_written(const ExportArguments& arguments, const jobs::ExportTarget& target, std::uint64_t written) {
  if (terminal::verbosity() != terminal::Verbosity::quiet) {
    terminal::print_line(fmt::format("{} records written", written));
  }
  if (!arguments.json) return;
  const nlohmann::ordered_json json{
      {"records", written}, {"format", arguments.format}, {"files", written_files(target)}};
  std::cout << json.dump(2) << "\n";
}

}  // namespace

std::vector<std::string> export_formats() {
  const auto& names = Names<corpus::ExportFormat>::values;
  return {names.begin(), names.end()};
}

int export_records(const ExportArguments& arguments) {
  jobs::ExportTarget target{parse_format(arguments.format), arguments.out, parse_split(arguments.split), 0};
  const std::filesystem::path path = arguments.run_or_subset;
  std::uint64_t written = 0;
  if (std::filesystem::is_directory(path)) {
    const FinishedRun run(path, jobs::all_jobs());
    run.folder().check_output(arguments.out);
    check_spares_inputs(arguments.out, remaining_inputs(run.config()));
    written = export_run(run, target);
  } else {
    const auto config = config_of(path);
    check_spares_inputs(arguments.out, {path});
    check_spares_inputs(arguments.out, remaining_inputs(config));
    RunFolder{path.has_parent_path() ? path.parent_path() : "."}.check_output(arguments.out);
    target.seed = config.run.seed;
    written = jobs::export_subset(path, target, config.corpus.pool);
  }
  report_written(arguments, target, written);
  return 0;
}

}  // namespace farpoint::cli
