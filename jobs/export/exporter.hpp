// SPDX-License-Identifier: Apache-2.0
// jobs/export/exporter.hpp: writes records to the files of an export.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "farpoint/corpus/source.hpp"
#include "options.hpp"
#include "record_pass.hpp"

namespace farpoint::jobs {

struct ExportTarget {
  ExportOptions options;
  std::filesystem::path path;             ///< where it goes; `options.path` is not looked at
  std::uint64_t seed = 0;                 ///< of a split
  std::vector<corpus::SourceSpec> specs;  ///< the sources of the configuration
  std::string config;                     ///< the whole configuration as YAML, for the card of datasets
  std::uint64_t pool_records = 0;         ///< for the card; 0: not known
  std::filesystem::path run_folder;       ///< where coverage.json and summary.json may be; may be empty
};

struct ExportResult {
  std::uint64_t records = 0;
  std::map<std::string, std::uint64_t> parts;  ///< records of each part; empty without a split
  std::uint64_t in_clusters = 0;               ///< records that have a duplicate, which is in the same part
};

/// Throws UsageError when a file of this name cannot be what the options say: a name of another format, or Parquet that
/// is not there.
void check_format(const ExportOptions& options, const std::filesystem::path& path);

/// Writes them all, or nothing. Without split, shards, Parquet and datasets the records are gone through once and not
/// held; else twice to four times, at some 20 bytes a record, or what split_records() says. Files of an earlier export
/// of the same path that its list names go.
ExportResult export_records(const RecordPass& pass, const ExportTarget& target);

/// The files that an export leaves, relative to the folder of `path`, as far as they are known: shards show in the list
/// that an export has written.
std::vector<std::string> exported_files(const ExportOptions& options, const std::filesystem::path& path);

}  // namespace farpoint::jobs
