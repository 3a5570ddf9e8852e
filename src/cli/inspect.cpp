// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/pipeline/finished_run.hpp"
#include "farpoint/pipeline/progress.hpp"
#include "farpoint/pipeline/run_folder.hpp"
#include "farpoint/pipeline/stage_record.hpp"
#include "farpoint/store/shard_file.hpp"
#include "farpoint/store/table_file.hpp"
#include "jobs.hpp"

namespace farpoint::cli {

namespace {

namespace fs = std::filesystem;

std::string shape(const store::ColumnInfo& column) {
  return column.width == 0 ? fmt::format("[{}]", column.rows) : fmt::format("[{}, {}]", column.rows, column.width);
}

std::string to_text(const store::Attribute& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    // A whole configuration is shown by its first line; the file has it all.
    const auto end = text->find('\n');
    return end == std::string::npos ? *text : fmt::format("{} ... ({} bytes)", text->substr(0, end), text->size());
  }
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
  return fmt::format("{}", std::get<std::uint64_t>(value));
}

void print_columns(const std::vector<store::ColumnInfo>& columns, const std::string& indent) {
  for (const auto& column : columns) {
    fmt::print("{}/{:<23} {:<10} {}\n", indent, column.name, column.type, shape(column));
  }
}

/// Shard files keep a text column in two parts; only they know which belong together.
std::vector<store::ColumnInfo> columns_of(const fs::path& path, const store::TableFile& file) {
  const auto attributes = file.attributes();
  const auto format = attributes.find("format");
  const bool is_shard = format != attributes.end() && to_text(format->second) == "farpoint-shard";
  return is_shard ? store::ShardFile(path).columns() : file.columns();
}

void print_file(const fs::path& path, const std::string& indent) {
  const store::TableFile file(path);
  const auto attributes = file.attributes();
  for (const auto& [name, value] : attributes) fmt::print("{}{:<24} = {}\n", indent, name, to_text(value));
  print_columns(columns_of(path, file), indent);
}

/// The files of one stage.
struct StageFiles {
  std::map<std::string, std::vector<fs::path>> kinds;  ///< by kind: "shard", "curated", "labelled", "done"; by name
  std::uint64_t bytes = 0;
  bool finished = false;  ///< without its record a stage may hold shards of several runs
};

StageFiles files_of(const fs::path& stage) {
  StageFiles files;
  for (const auto& entry : fs::directory_iterator(stage)) {
    if (entry.path().extension() != ".h5") continue;
    const auto name = entry.path().stem().string();
    files.kinds[name.substr(0, name.find('-'))].push_back(entry.path());
    files.bytes += entry.file_size();
  }
  for (auto& [kind, paths] : files.kinds) std::sort(paths.begin(), paths.end());
  files.finished = fs::exists(pipeline::record_of_stage(stage));
  return files;
}

/// How many files of each kind, their size, and what the first of them holds.
void print_stage(const fs::path& stage) {
  const auto all = files_of(stage);
  fmt::print("\n{}  ({}{})\n", stage.filename().string(),
             pipeline::format_amount(static_cast<double>(all.bytes), "bytes"), all.finished ? "" : ", not finished");
  for (const auto& [kind, files] : all.kinds) {
    fmt::print("  {} x {}, such as {}:\n", files.size(), kind, files.front().filename().string());
    print_file(files.front(), "    ");
  }
}

using Json = nlohmann::ordered_json;

/// Texts that are not UTF-8 must not end the command.
std::string text_of(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json columns_json(const std::vector<store::ColumnInfo>& columns) {
  auto list = Json::array();
  for (const auto& column : columns) {
    list.push_back({{"name", column.name}, {"type", column.type}, {"rows", column.rows}, {"width", column.width}});
  }
  return list;
}

/// Attributes whole, where the text shows the first line.
Json file_json(const fs::path& path) {
  const store::TableFile file(path);
  const auto attributes = file.attributes();
  Json values = Json::object();
  for (const auto& [name, value] : attributes) {
    std::visit([&, &key = name](const auto& given) { values[key] = given; }, value);
  }
  return {{"file", path.string()}, {"attributes", values}, {"columns", columns_json(columns_of(path, file))}};
}

Json stage_json(const fs::path& stage) {
  const auto all = files_of(stage);
  auto files = Json::array();
  for (const auto& [kind, paths] : all.kinds) {
    files.push_back({{"kind", kind}, {"count", paths.size()}, {"first", file_json(paths.front())}});
  }
  return {{"stage", stage.filename().string()}, {"finished", all.finished}, {"bytes", all.bytes}, {"files", files}};
}

Json run_json(const pipeline::RunFolder& folder) {
  Json json{{"run", folder.path.string()}, {"stages", Json::array()}, {"subset", nullptr}};
  for (const auto& stage : folder.stages()) json["stages"].push_back(stage_json(stage));
  if (fs::exists(folder.subset())) json["subset"] = file_json(folder.subset());
  return json;
}

Json history_json(const pipeline::RecordHistory& history) {
  Json json{{"id", history.id},     {"source", history.source}, {"file", history.file},
            {"line", history.line}, {"record", history.record}, {"steps", Json::array()}};
  for (const auto& step : history.steps) {
    auto trace = Json::array();
    for (const auto& [rule, detail] : step.trace) trace.push_back({{"rule", rule}, {"detail", detail}});
    Json values = Json::object();
    for (const auto& [name, value] : step.values) values[name] = value;
    json["steps"].push_back({{"stage", step.stage},
                             {"removed", step.left},
                             {"rewritten", step.rewritten ? Json(*step.rewritten) : Json()},
                             {"trace", trace},
                             {"values", values}});
  }
  return json;
}

void print_run(const pipeline::RunFolder& folder) {
  fmt::print("run {}\n", folder.path.string());
  for (const auto& part : {folder.config(), folder.summary(), folder.rejects(), folder.subset()}) {
    fmt::print(
        "  {:<16} {}\n", part.filename().string(),
        fs::exists(part) ? pipeline::format_amount(static_cast<double>(fs::file_size(part)), "bytes") : "not there");
  }
  for (const auto& stage : folder.stages()) print_stage(stage);
  if (!fs::exists(folder.subset())) return;
  fmt::print("\nsubset.h5\n");
  print_file(folder.subset(), "  ");
}

void print_history(const pipeline::RecordHistory& history) {
  fmt::print("record {}  ({}, {}:{})\n", history.id, history.source, history.file, history.line);
  if (!history.record.empty()) fmt::print("  {}\n", history.record);
  for (const auto& step : history.steps) {
    fmt::print("\n{}{}\n", step.stage, step.left ? ": removed" : step.rewritten ? ": changed" : "");
    for (const auto& [rule, detail] : step.trace) fmt::print("  {}{}{}\n", rule, detail.empty() ? "" : ": ", detail);
    for (const auto& [name, value] : step.values) fmt::print("  {} = {}\n", name, value);
    if (step.rewritten) fmt::print("  {}\n", *step.rewritten);
  }
}

}  // namespace

int inspect(const InspectArguments& arguments) {
  const auto& path = arguments.path;
  if (!fs::exists(path)) throw UsageError(fmt::format("{}: there is no such file or folder", path));
  if (!fs::is_directory(path)) {
    if (arguments.record) throw UsageError(fmt::format("{}: --record needs the folder of a run", path));
    if (arguments.json)
      std::cout << text_of(file_json(path));
    else
      print_file(path, "");
    return 0;
  }
  const pipeline::RunFolder folder{path};
  if (!fs::exists(folder.config())) {
    throw UsageError(fmt::format("{}: this is not the folder of a run: it has no config.yaml", path));
  }
  if (arguments.record) {
    const auto history = pipeline::FinishedRun(folder.path, jobs::all_jobs()).history(*arguments.record);
    if (arguments.json)
      std::cout << text_of(history_json(history));
    else
      print_history(history);
  } else if (arguments.json) {
    std::cout << text_of(run_json(folder));
  } else {
    print_run(folder);
  }
  return 0;
}

}  // namespace farpoint::cli
