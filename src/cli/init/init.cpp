// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "draft.hpp"
#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/terminal.hpp"
#include "farpoint/pipeline/progress.hpp"
#include "survey.hpp"

namespace farpoint::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t widest_path = 60;

nlohmann::ordered_json to_json(const Survey& survey, const std::string& output) {
  auto sources = nlohmann::ordered_json::array();
  for (const auto& source : survey.sources) {
    nlohmann::ordered_json schemas = nlohmann::ordered_json::object();
    for (const auto& [schema, number] : source.sample.schemas) schemas[std::string(schema_name(schema))] = number;
    sources.push_back({{"path", source.path},
                       {"name", source.name},
                       {"files", source.files.size()},
                       {"records", source.records},
                       {"is_exact", source.is_exact},
                       {"sampled", source.sample.records},
                       {"faulty", source.sample.faulty},
                       {"copies", source.sample.copies},
                       {"html", source.sample.html},
                       {"median_words", source.sample.median_words()},
                       {"schemas", schemas},
                       {"languages", source.sample.languages},
                       {"fields", source.fields},
                       {"keys", source.keys},
                       {"trouble", source.trouble}});
  }
  return {{"config", output}, {"records", pool_records(survey)}, {"sources", sources}};
}

void print(const Survey& survey, const std::string& output) {
  std::size_t width = 0;  // of the longest path that leaves room beside it
  for (const auto& source : survey.sources) {
    if (source.path.size() <= widest_path) width = std::max(width, source.path.size());
  }
  for (const auto& source : survey.sources) {
    fmt::print("{:<{}}  {}\n", source.path, width,
               source.trouble.empty() ? describe(source) : "left out: " + source.trouble);
    if (!source.fields.empty()) {
      fmt::print("{:<{}}  no known schema; check the guessed 'fields' in {}\n", "", width, output);
    } else if (!source.trouble.empty() && !source.keys.empty()) {
      fmt::print("{:<{}}  say which keys hold what: fields: {{prompt: KEY, response: KEY}}\n", "", width);
    }
  }
  if (survey.passed_over > 0) {
    fmt::print(
        "{} other {} passed over: farpoint reads .parquet, and .jsonl .ndjson .json .txt .npy, each also .gz "
        "or .zst\n",
        pipeline::format_count(survey.passed_over), survey.passed_over == 1 ? "file was" : "files were");
  }
  const auto sample = pool_sample(survey);
  if (sample.copies > 0) {
    fmt::print("{} of {} sampled records are copies of others\n", pipeline::format_count(sample.copies),
               pipeline::format_count(sample.records));
  }
  fmt::print("\n{} is written. Next:\n  farpoint validate {}\n  farpoint run {}\n", output, output, output);
}

}  // namespace

int init(const InitArguments& arguments) {
  if (fs::exists(arguments.output) && !arguments.force) {
    throw UsageError(fmt::format("{}: is there already; name another file with --output, or replace it with --force",
                                 arguments.output));
  }
  const auto found = survey(arguments.files.empty() ? std::vector<std::string>{"."} : arguments.files);
  write_file(arguments.output, draft_configuration(found, arguments.output));
  if (arguments.json)
    std::cout << to_json(found, arguments.output).dump(2) << "\n";
  else if (terminal::verbosity() != terminal::Verbosity::quiet)
    print(found, arguments.output);
  return 0;
}

}  // namespace farpoint::cli
