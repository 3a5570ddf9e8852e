// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <fmt/format.h>

#include "labels.hpp"

namespace farpoint::jobs {

using namespace pipeline;

namespace {

bool is_part_name(const std::string& name) {
  constexpr std::string_view known = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  return !name.empty() && name != "train" && name.find_first_not_of(known) == std::string::npos;
}

void check_split(const ExportOptions& options, const Node& where) {
  double sum = 0;
  for (const auto& [name, share] : options.split) {
    const auto& place = where.place_of("split." + name);
    if (!is_part_name(name)) {
      throw ConfigError(place, fmt::format("'export.split': '{}' names no part: letters, digits and _, such as 'test'; "
                                           "'train' is what the other parts leave",
                                           name));
    }
    if (!(share > 0 && share < 1)) {
      throw ConfigError(
          place, fmt::format("'export.split.{}' must be a share between 0 and 1, such as 0.1, not {}", name, share));
    }
    sum += share;
  }
  if (sum >= 1) {
    throw ConfigError(where.place_of("split"),
                      fmt::format("'export.split' takes {} of the records, which leaves none for 'train'; shares must "
                                  "add up to less than 1",
                                  sum));
  }
}

}  // namespace

Fields<ExportOptions> ExportOptions::fields() {
  return {
      option("format", &ExportOptions::format,
             "jsonl keeps the records as they are; parquet and datasets do so in other files, see schema"),
      option("path", &ExportOptions::path,
             "relative to the run's folder; .jsonl gives lines, .json an array, .parquet Parquet; of datasets a folder")
          .need(),
      option("schema", &ExportOptions::schema, "of the records in parquet and datasets"),
      option("split", &ExportOptions::split, "parts beside train and their shares, such as {test: 0.1}"),
      option("stratify", &ExportOptions::stratify, "what has the same share in each part: source, record.KEY, or none"),
      option("near", &ExportOptions::near,
             "records whose texts are at least this similar stay in one part; 0: only equal texts do"),
      option("shard_size", &ExportOptions::shard_size,
             "cuts the output into files of so many bytes of JSON; 0: one file"),
      option("shard_records", &ExportOptions::shard_records, "the same by records; 0: any number"),
      option("license", &ExportOptions::license, "of the data, for the card of datasets, such as cc-by-4.0")};
}

corpus::ExportFormat ExportOptions::record_schema() const {
  switch (format) {
    case ExportKind::alpaca:
      return corpus::ExportFormat::alpaca;
    case ExportKind::sharegpt:
      return corpus::ExportFormat::sharegpt;
    case ExportKind::messages:
      return corpus::ExportFormat::messages;
    case ExportKind::xtuner:
      return corpus::ExportFormat::xtuner;
    default:
      return schema;
  }
}

void check_export(const ExportOptions& options, const Node& where) {
  check_split(options, where);
  constexpr std::string_view of_licenses = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-+_";
  if (options.license.empty() || options.license.find_first_not_of(of_licenses) != std::string::npos) {
    throw ConfigError(where.place_of("license"),
                      fmt::format("'export.license' must be a name such as cc-by-4.0, not '{}'", options.license));
  }
  const bool has_label = options.stratify == "none" || is_label_of_records(options.stratify);
  if (!has_label) {
    throw ConfigError(where.place_of("stratify"),
                      fmt::format("'export.stratify' must be source, record.KEY or none, not '{}'", options.stratify));
  }
  if (!(options.near >= 0 && options.near <= 1)) {
    throw ConfigError(where.place_of("near"),
                      fmt::format("'export.near' must be between 0 and 1, not {}", options.near));
  }
  const bool is_schema = options.format != ExportKind::jsonl && options.format < ExportKind::parquet;
  if (is_schema && options.schema != corpus::ExportFormat::jsonl && options.schema != options.record_schema()) {
    throw ConfigError(
        where.place_of("schema"),
        fmt::format("'export.schema' is {}, but the format {} is a schema itself; 'schema' is for jsonl, "
                    "parquet and datasets",
                    Codec<corpus::ExportFormat>::name_of(options.schema), Codec<ExportKind>::name_of(options.format)));
  }
}

}  // namespace farpoint::jobs
