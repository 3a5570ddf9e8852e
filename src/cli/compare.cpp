// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <filesystem>
#include <iostream>

#include "commands.hpp"
#include "comparison.hpp"
#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/pipeline/progress.hpp"
#include "farpoint/report/page.hpp"
#include "inputs.hpp"

namespace farpoint::cli {

namespace {

using pipeline::format_count;
using pipeline::format_duration;

std::string shown(const Json& number, const char* format = "{:.4f}") {
  return number.is_number() ? fmt::format(fmt::runtime(format), number.get<double>()) : "-";
}

std::string shown_count(const Json& number) {
  return number.is_number() ? format_count(number.get<std::uint64_t>()) : "-";
}

/// Columns as wide as their widest cell; the first one flush left.
void print_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i == 0) {
        fmt::print("{:<{}}", row[i], widths[i]);
      } else {
        fmt::print("  {:>{}}", row[i], widths[i]);
      }
    }
    fmt::print("\n");
  }
}

void print_runs(const Json& data) {
  std::vector<std::vector<std::string>> rows{
      {"run", "method", "chosen", "words", "time", "radius", "mean distance", "95 % within", "random: mean", "95 %"}};
  for (const auto& run : data.at("runs")) {
    const auto& coverage = run.at("coverage");
    const auto of = [&](const char* key) { return coverage.is_null() ? "-" : shown(coverage.at(key)); };
    rows.push_back({run.at("name"), run.at("method"), shown_count(run.at("selected")), shown_count(run.at("tokens")),
                    format_duration(run.at("seconds")), shown(run.at("radius")), of("mean"), of("p95"),
                    of("random_mean"), of("random_p95")});
  }
  print_table(rows);
  if (!data.at("same_vectors").get<bool>()) {
    fmt::print("the runs measure distances in different vectors, or in none: these do not compare\n");
  }
}

void print_overlap(const Json& data) {
  const auto& runs = data.at("runs");
  fmt::print("\n{}\n", data.at("same_pool").get<bool>()
                           ? "records that both chose, and their share of the run of the row"
                           : "records that both chose, told by their texts, for the pools are not the same");
  std::vector<std::vector<std::string>> rows{{"run"}};
  for (const auto& run : runs) rows.front().push_back(run.at("name"));
  for (std::size_t i = 0; i < runs.size(); ++i) {
    rows.push_back({runs[i].at("name")});
    const auto own = runs[i].at("selected").get<double>();
    for (const auto& count : data.at("overlap")[i]) {
      rows.back().push_back(
          fmt::format("{} ({:.0f} %)", shown_count(count), own > 0 ? 100 * count.get<double>() / own : 0));
    }
  }
  print_table(rows);
}

void print_shifts(const Json& data) {
  std::vector<std::vector<std::string>> rows{{"median (5 % to 95 %)"}};
  for (const auto& run : data.at("runs")) rows.front().push_back(run.at("name"));
  for (const auto& distribution : data.at("distributions")) {
    if (distribution.at("kind") != "numbers") continue;
    rows.push_back({distribution.at("label")});
    for (const auto& summary : distribution.at("summary")) {
      rows.back().push_back(summary.at("count") == 0
                                ? "-"
                                : fmt::format("{} ({} to {})", shown(summary.at("p50"), "{:.4g}"),
                                              shown(summary.at("p5"), "{:.4g}"), shown(summary.at("p95"), "{:.4g}")));
    }
  }
  fmt::print("\n");
  print_table(rows);
}

void print_differences(const Json& data) {
  if (data.at("differences").empty()) {
    fmt::print("\nthe configurations are the same\n");
    return;
  }
  std::vector<std::vector<std::string>> rows{{"option"}};
  for (const auto& run : data.at("runs")) rows.front().push_back(run.at("name"));
  for (const auto& difference : data.at("differences")) {
    rows.push_back({difference.at("option")});
    for (const auto& value : difference.at("values")) rows.back().push_back(value.is_null() ? "-" : value);
  }
  fmt::print("\n");
  print_table(rows);
}

}  // namespace

int compare(const CompareArguments& arguments) {
  if (arguments.runs.size() < 2) throw UsageError("compare: name two runs or more");
  std::vector<std::filesystem::path> folders(arguments.runs.begin(), arguments.runs.end());
  std::vector<ComparedRun> runs;
  for (const auto& folder : folders) {
    runs.push_back(read_run(folder));
    if (arguments.out.empty()) continue;
    pipeline::RunFolder{folder}.check_output(arguments.out);
    check_spares_inputs(arguments.out, {folder / "subset.h5"});
  }
  const auto data = compare_runs(runs, folders);
  const auto text = data.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (!arguments.out.empty()) write_file(arguments.out, report::page("Comparison", text));
  if (arguments.json) {
    std::cout << text << '\n';
    return 0;
  }
  print_runs(data);
  print_overlap(data);
  print_shifts(data);
  print_differences(data);
  if (!arguments.out.empty()) fmt::print("\n{}\n", arguments.out);
  return 0;
}

}  // namespace farpoint::cli
