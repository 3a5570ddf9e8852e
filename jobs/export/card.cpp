// SPDX-License-Identifier: Apache-2.0
#include "card.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "exporter.hpp"
#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/version.hpp"
#include "farpoint/pipeline/node.hpp"
#include "farpoint/pipeline/progress.hpp"

namespace farpoint::jobs {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using pipeline::Node;

/// As the Hub counts them.
std::string_view size_category(std::uint64_t records) {
  constexpr std::array<std::pair<double, std::string_view>, 10> classes{{{1e3, "n<1K"},
                                                                         {1e4, "1K<n<10K"},
                                                                         {1e5, "10K<n<100K"},
                                                                         {1e6, "100K<n<1M"},
                                                                         {1e7, "1M<n<10M"},
                                                                         {1e8, "10M<n<100M"},
                                                                         {1e9, "100M<n<1B"},
                                                                         {1e10, "1B<n<10B"},
                                                                         {1e11, "10B<n<100B"},
                                                                         {1e12, "100B<n<1T"}}};
  for (const auto& [below, name] : classes) {
    if (static_cast<double>(records) < below) return name;
  }
  return "n>1T";
}

/// The options of every job of that name; jobs in `parallel` too.
void find_jobs(const Node& list, std::string_view name, std::vector<const Node*>& found) {
  for (const auto& item : list.items) {
    for (const auto& entry : item.entries) {
      if (entry.key == name) found.push_back(&entry.value);
      if (entry.key == "parallel") find_jobs(entry.value, name, found);
    }
  }
}

std::vector<const Node*> jobs_of(const Node& config, std::string_view name) {
  std::vector<const Node*> found;
  if (const auto* pipeline = config.find("pipeline")) find_jobs(*pipeline, name, found);
  return found;
}

std::string joined_jobs(const Node& list) {
  std::string names;
  for (const auto& item : list.items) {
    for (const auto& entry : item.entries) {
      const auto name = entry.key == "parallel" ? joined_jobs(entry.value) : fmt::format("`{}`", entry.key);
      names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
    }
  }
  return names;
}

/// The languages that `clean` let through; none where it let all.
std::vector<std::string> languages(const Node& config) {
  std::vector<std::string> codes;
  for (const auto* clean : jobs_of(config, "clean")) {
    const auto* language = clean->find("language");
    if (language == nullptr) continue;
    for (const auto& code : language->items) codes.push_back(code.text);
  }
  std::sort(codes.begin(), codes.end());
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
  return codes;
}

/// Nothing where the records do not say what they are for.
std::string_view task_category(const CardFacts& facts) {
  const auto all = [&](std::initializer_list<corpus::Schema> schemas) {
    return !facts.schemas.empty() && std::all_of(facts.schemas.begin(), facts.schemas.end(), [&](const auto& one) {
      return std::find(schemas.begin(), schemas.end(), one.first) != schemas.end();
    });
  };
  using corpus::Schema;
  if (all({Schema::alpaca, Schema::sharegpt, Schema::messages, Schema::xtuner, Schema::prompt_completion})) {
    return "text-generation";
  }
  if (all({Schema::multiple_choice})) return "multiple-choice";
  if (all({Schema::question_answer})) return "question-answering";
  return "";
}

std::string head(const ExportTarget& target, const CardFacts& facts, const Node& config) {
  std::string text = fmt::format("---\nlicense: {}\n", target.options.license);
  if (const auto codes = languages(config); !codes.empty()) {
    text += "language:\n";
    for (const auto& code : codes) text += fmt::format("- \"{}\"\n", code);
  }
  if (const auto task = task_category(facts); !task.empty()) text += fmt::format("task_categories:\n- {}\n", task);
  text += fmt::format("size_categories:\n- {}\n", size_category(facts.records));
  text += "configs:\n- config_name: default\n  data_files:\n";
  for (const auto& part : facts.parts) {
    text += fmt::format("  - split: {}\n    path: data/{}-*\n", part, part);
  }
  return text + "---\n";
}

/// Of a cell of a table.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|' || c == '\\' || c == '<' || c == '`' || c == '*' || c == '_' || c == '[') out += '\\';
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out;
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? "" : fmt::format("{:.1f} %", 100 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string tables(const CardFacts& facts) {
  std::string text = "\n| part | records | share |\n|---|---:|---:|\n";
  for (std::size_t i = 0; i < facts.parts.size(); ++i) {
    const auto count = facts.part_records[i];
    text += fmt::format("| {} | {} | {} |\n", facts.parts[i], count, percent(count, facts.records));
  }
  text += "\n## Sources\n\n| source | records | share |\n|---|---:|---:|\n";
  for (const auto& [source, count] : facts.sources) {
    text += fmt::format("| {} | {} | {} |\n", cell(source), count, percent(count, facts.records));
  }
  return text;
}

json read_json(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return {};
  return json::parse(read_file(file), nullptr, false);
}

/// The number at a path of keys, or nothing.
std::string number_at(const json& value, std::initializer_list<const char*> path) {
  const auto* at = &value;
  for (const auto* key : path) {
    if (!at->is_object() || !at->contains(key)) return "";
    at = &(*at)[key];
  }
  if (at->is_number_float()) return fmt::format("{:.4g}", at->get<double>());
  return at->is_number() ? at->dump() : "";
}

std::string origin(const ExportTarget& target, const CardFacts& facts, const Node& config) {
  std::string text = "\n## How it was made\n\n";
  const auto summary = target.run_folder.empty() ? json() : read_json(target.run_folder / "summary.json");
  auto pool = target.pool_records > 0 ? std::to_string(target.pool_records) : number_at(summary, {"pool_records"});
  const auto from = pool.empty() ? "a pool" : fmt::format("a pool of {} records", pool);
  text += fmt::format("{} records from {}, by Farpoint {}", facts.records, from, version);
  const auto* steps = config.find("pipeline");
  text += steps == nullptr ? ".\n" : fmt::format(", through these jobs: {}.\n", joined_jobs(*steps));
  for (const auto* select : jobs_of(config, "select")) {
    const auto* method = select->find("method");
    text += fmt::format("The selection is by the method `{}`; records stand in the order of choice.\n",
                        method == nullptr ? "k-center" : method->text);
  }
  return text;
}

std::string coverage(const ExportTarget& target) {
  if (target.run_folder.empty()) return "";
  const auto found = read_json(target.run_folder / "coverage.json");
  if (number_at(found, {"overall", "subset", "mean"}).empty()) return "";
  std::string text =
      "\n## Coverage\n\nHow far the records of the pool are from the nearest one that was chosen, and "
      "from that of a random choice of the same size.\n\n| | mean | p50 | p95 | max |\n"
      "|---|---:|---:|---:|---:|\n";
  for (const auto* who : {"subset", "random"}) {
    if (number_at(found, {"overall", who, "mean"}).empty()) continue;
    text += fmt::format("| {} |", who);
    for (const auto* what : {"mean", "p50", "p95", "max"}) {
      text += fmt::format(" {} |", number_at(found, {"overall", who, what}));
    }
    text += '\n';
  }
  return text;
}

/// Longer than any run of backticks in the text.
std::string fence(std::string_view text) {
  std::size_t longest = 2, run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return std::string(longest + 1, '`');
}

std::string repeat(const ExportTarget& target) {
  const auto& options = target.options;
  const auto name = target.path.filename().string();
  std::string command = fmt::format("farpoint export RUN --format datasets --out {}", name);
  if (options.schema != corpus::ExportFormat::jsonl) {
    command += fmt::format(" --schema {}", pipeline::Codec<corpus::ExportFormat>::name_of(options.schema));
  }
  std::vector<std::string> shares;
  for (const auto& [part, share] : options.split) shares.push_back(fmt::format("{}={}", part, share));
  if (!shares.empty()) {
    command +=
        fmt::format(" --split {} --stratify {} --near {}", fmt::join(shares, ","), options.stratify, options.near);
  }
  if (options.shard_size.count > 0) command += fmt::format(" --shard-size {}", options.shard_size.count);
  if (options.shard_records > 0) command += fmt::format(" --shard-records {}", options.shard_records);
  if (options.license != "unknown") command += fmt::format(" --license {}", options.license);
  const auto marks = fence(target.config);
  return fmt::format(
      "\n## How to repeat it\n\nThe same data and the configuration below give the same records, on any number of "
      "ranks: `farpoint run config.yaml`, then\n`{}`\n\n"
      "<details><summary>config.yaml</summary>\n\n{}yaml\n{}\n{}\n\n</details>\n",
      command, marks, target.config, marks);
}

}  // namespace

std::string dataset_card(const ExportTarget& target, const CardFacts& facts) {
  const auto config = pipeline::parse_yaml(target.config, "config.yaml");
  auto text = head(target, facts, config);
  text += fmt::format("\n# {}\n\n", cell(target.path.filename().string()));
  if (target.options.license == "unknown") {
    text +=
        "> **The license of this data is not known.** Find out what the sources allow before you use it or pass it "
        "on, and say it in the first lines of this file.\n\n";
  }
  text += fmt::format("{} records, {} as JSON, in {} files under `data/`.\n", facts.records,
                      pipeline::format_amount(static_cast<double>(facts.bytes), "bytes"),
                      facts.is_parquet ? "Parquet" : "JSON lines");
  text += tables(facts) + origin(target, facts, config) + coverage(target) + repeat(target);
  return text;
}

}  // namespace farpoint::jobs
