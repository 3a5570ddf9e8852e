// SPDX-License-Identifier: Apache-2.0
#include "farpoint/corpus/convert.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <optional>

#include "export_formats.hpp"
#include "farpoint/base/error.hpp"
#include "json_slices.hpp"

namespace farpoint::corpus {

namespace {

std::optional<ExportFormat> format_of(Schema schema) {
  switch (schema) {
    case Schema::alpaca:
      return ExportFormat::alpaca;
    case Schema::sharegpt:
      return ExportFormat::sharegpt;
    case Schema::messages:
      return ExportFormat::messages;
    case Schema::xtuner:
      return ExportFormat::xtuner;
    default:
      return std::nullopt;
  }
}

/// Without white space between values, so on one line; strings and numbers stay as they are written.
std::string minified(std::string_view json) {
  std::string line(json.size() + simdjson::SIMDJSON_PADDING, '\0');
  std::size_t bytes = 0;
  const auto error = simdjson::minify(json.data(), json.size(), line.data(), bytes);
  if (error != simdjson::SUCCESS) {
    throw Error(
        fmt::format("record cannot be exported, it is not JSON ({}): {}", simdjson::error_message(error), json));
  }
  line.resize(bytes);
  return line;
}

nlohmann::ordered_json written(const Record& record, ExportFormat format) {
  switch (format) {
    case ExportFormat::alpaca:
      return to_alpaca(record);
    case ExportFormat::xtuner:
      return to_xtuner(record);
    case ExportFormat::sharegpt:
      return to_sharegpt(record);
    case ExportFormat::messages:
      return to_messages(record);
    case ExportFormat::jsonl:
      break;
  }
  return {};
}

void append_string(std::string_view text, std::string& out) {
  out += '"';
  append_escaped(text, out);
  out += '"';
}

/// The bytes of dump(), sooner.
void append(const nlohmann::ordered_json& value, std::string& out) {
  if (value.is_string()) return append_string(value.get_ref<const std::string&>(), out);
  if (!value.is_structured() || value.empty()) {
    out += value.dump();
    return;
  }
  char before = value.is_object() ? '{' : '[';
  for (const auto& item : value.items()) {
    out += before;
    before = ',';
    if (value.is_object()) {
      append_string(item.key(), out);
      out += ':';
    }
    append(item.value(), out);
  }
  out += value.is_object() ? '}' : ']';
}

}  // namespace

std::string convert(const Record& record, std::string_view json, ExportFormat format) {
  if (format == ExportFormat::jsonl || format_of(record.schema) == format) return minified(json);
  if (record.turns.empty()) {
    throw Error(fmt::format("record has no text to export (only vectors?): {}; format 'jsonl' takes any record", json));
  }
  std::string line;
  append(written(record, format), line);
  return line;
}

}  // namespace farpoint::corpus
