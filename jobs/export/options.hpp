// SPDX-License-Identifier: Apache-2.0
// jobs/export/options.hpp: everything that users may set of an export, in a run and on the command line.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "farpoint/corpus/convert.hpp"
#include "farpoint/pipeline/options.hpp"
#include "select/options.hpp"

namespace farpoint::jobs {

/// What is written: the first five are schemas of records, written as JSON; the others are kinds of files.
enum class ExportKind { jsonl, alpaca, sharegpt, messages, xtuner, parquet, datasets };

struct ExportOptions {
  ExportKind format = ExportKind::jsonl;
  std::string path;
  corpus::ExportFormat schema = corpus::ExportFormat::jsonl;
  std::map<std::string, double> split;  ///< shares of the parts beside `train`
  std::string stratify = "source";
  double near = 0.8;
  Bytes shard_size;
  std::uint64_t shard_records = 0;
  std::string license = "unknown";

  static pipeline::Fields<ExportOptions> fields();

  /// The schema of the records, whichever option says it.
  corpus::ExportFormat record_schema() const;
  bool has_shards() const { return shard_size.count > 0 || shard_records > 0; }
};

/// Throws ConfigError at the option that makes no sense; `where` has its place.
void check_export(const ExportOptions& options, const pipeline::Node& where);

}  // namespace farpoint::jobs

namespace farpoint::pipeline {

template <>
struct Names<corpus::ExportFormat> {
  static constexpr std::array<std::string_view, 5> values{"as-is", "alpaca", "sharegpt", "messages", "xtuner"};
};
template <>
struct Names<jobs::ExportKind> {
  static constexpr std::array<std::string_view, 7> values{"jsonl",  "alpaca",  "sharegpt", "messages",
                                                          "xtuner", "parquet", "datasets"};
};

}  // namespace farpoint::pipeline
