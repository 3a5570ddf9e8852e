// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/pipeline/finished_run.hpp"
#include "jobs.hpp"

namespace farpoint::cli {

namespace {

using namespace pipeline;
using Json = nlohmann::ordered_json;

/// A value of any column as JSON: null for what is missing or not a number. Infinite values are not missing, but JSON
/// has no number for them: they are texts.
struct ToJson {
  std::size_t row;
  std::size_t width;

  Json operator()(const store::Strings& texts) const { return std::string(texts[row]); }
  template <typename T>
  Json operator()(const std::vector<T>& values) const {
    if (width == 0) return one(values[row]);
    Json list = Json::array();
    for (std::size_t i = 0; i < width; ++i) list.push_back(one(values[row * width + i]));
    return list;
  }
  template <typename T>
  static Json one(T value) {
    if constexpr (std::is_floating_point_v<T>) {
      if (std::isnan(value)) return nullptr;
      if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    }
    return value;
  }
};

std::string csv_field(const Json& value) {
  if (value.is_null()) return "";
  if (!value.is_string()) return value.dump();
  const auto& text = value.get_ref<const std::string&>();
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string csv_line(const Json& id, const Json& values) {
  auto line = csv_field(id);
  for (const auto& value : values) line += "," + csv_field(value);
  return line + "\n";
}

/// Standard output, or a file that is complete when it has its name.
class Output {
 public:
  explicit Output(const std::string& path) {
    if (!path.empty()) file_ = std::make_unique<AtomicFile>(path);
  }
  void write(const std::string& text) {
    if (file_)
      file_->write(text);
    else
      std::cout << text;
  }
  void commit() {
    if (file_) file_->commit();
  }

 private:
  std::unique_ptr<AtomicFile> file_;
};

void check_csv(const FinishedRun::Rows& rows) {
  for (const auto& column : rows.columns) {
    if (column.width == 0) continue;
    throw UsageError(
        fmt::format("the column '{}' holds vectors of {} numbers; csv has no place for them, use "
                    "--format jsonl",
                    column.name, column.width));
  }
}

/// Row i of the columns that were asked for.
Json values_of(const FinishedRun::Rows& rows, std::size_t i) {
  Json values = Json::array();
  for (std::size_t c = 0; c < rows.columns.size(); ++c) {
    const auto& row = rows.at[c][i];
    values.push_back(row ? std::visit(ToJson{*row, rows.columns[c].width}, rows.columns[c].values) : Json());
  }
  return values;
}

void write_csv(Output& out, const FinishedRun::Rows& rows, const std::vector<std::string>& names, bool is_first) {
  check_csv(rows);
  // Not before the columns are known to be there: what is printed should not begin with a mistake.
  if (is_first) out.write(csv_line("id", names));
  for (std::size_t i = 0; i < rows.ids.size(); ++i) out.write(csv_line(rows.ids[i], values_of(rows, i)));
}

void write_jsonl(Output& out, const FinishedRun::Rows& rows, const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < rows.ids.size(); ++i) {
    Json line{{"id", rows.ids[i]}};
    const auto values = values_of(rows, i);
    for (std::size_t c = 0; c < names.size(); ++c) line[names[c]] = values[c];
    out.write(line.dump() + "\n");
  }
}

}  // namespace

int table(const TableArguments& arguments) {
  const FinishedRun run(arguments.run, jobs::all_jobs());
  if (!arguments.out.empty()) run.folder().check_output(arguments.out);
  Output out(arguments.out);
  for (std::size_t shard = 0; shard < run.shards(); ++shard) {
    const auto rows = run.rows(shard, arguments.columns);
    if (arguments.format == "csv" && !arguments.json)
      write_csv(out, rows, arguments.columns, shard == 0);
    else
      write_jsonl(out, rows, arguments.columns);
  }
  out.commit();
  return 0;
}

}  // namespace farpoint::cli
