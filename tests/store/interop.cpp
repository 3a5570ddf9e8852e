// SPDX-License-Identifier: Apache-2.0
// The C++ side of h5py_interop.py.
//   store_interop write FOLDER   shard.h5 and table.h5 with the sample columns
//   store_interop show FILE      a table's attributes and columns as JSON, read in blocks of three rows
//   store_interop verify FILE    whether a shard file is whole
#include <fmt/format.h>

#include <exception>
#include <nlohmann/json.hpp>

#include "farpoint/base/error.hpp"
#include "farpoint/store/shard_file.hpp"
#include "farpoint/store/table_file.hpp"
#include "store/samples.hpp"

namespace farpoint::store {
namespace {

void write(const std::filesystem::path& folder) {
  write_shard(folder / "shard.h5", sample_attributes(), sample_columns());
  TableWriter table(folder / "table.h5");
  table.set("method", "k-center \u4E16");
  table.set("radius", 0.25);
  table.set("format_version", std::uint64_t{1});
  for (const auto& column : sample_columns()) {
    if (column.name != "text.nul") table.append(column);
  }
  table.append({"text", strings({"appended"}), 0});
  table.commit();
}

void append_json(nlohmann::json& json, const Strings& texts) {
  for (std::size_t i = 0; i < texts.size(); ++i) json.push_back(texts[i]);
}
template <typename Number>
void append_json(nlohmann::json& json, const std::vector<Number>& numbers) {
  for (const auto number : numbers) json.push_back(number);
}

nlohmann::json shown(const TableFile& table, const ColumnInfo& info) {
  auto values = nlohmann::json::array();
  for (std::uint64_t begin = 0; begin < info.rows; begin += 3) {
    const auto column = table.read(info.name, begin, 3);
    std::visit([&](const auto& typed) { append_json(values, typed); }, column.values);
  }
  return {{"type", info.type}, {"width", info.width}, {"values", values}};
}

void show(const std::filesystem::path& path) {
  const TableFile table(path);
  nlohmann::json json{{"attributes", nlohmann::json::object()}, {"columns", nlohmann::json::object()}};
  for (const auto& [name, value] : table.attributes()) {
    std::visit([&, key = name](const auto& typed) { json["attributes"][key] = typed; }, value);
  }
  for (const auto& info : table.columns()) json["columns"][info.name] = shown(table, info);
  fmt::print("{}\n", json.dump());
}

int run(std::string_view command, const std::filesystem::path& path) {
  if (command == "write") {
    write(path);
  } else if (command == "show") {
    show(path);
  } else if (command == "verify") {
    ShardFile(path).verify();
  } else {
    throw UsageError(fmt::format("unknown command '{}'", command));
  }
  return 0;
}

}  // namespace
}  // namespace farpoint::store

int main(int count, char** arguments) {
  try {
    if (count != 3) throw farpoint::UsageError("usage: store_interop write|show|verify PATH");
    return farpoint::store::run(arguments[1], arguments[2]);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
