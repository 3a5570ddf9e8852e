// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "farpoint/pipeline/finished_run.hpp"

namespace farpoint::cli {

using Json = nlohmann::ordered_json;

/// The chosen records of one run, as far as they are compared with those of another.
struct ComparedRun {
  std::string name;
  std::string pool_hash;
  std::string vectors_hash;  ///< of the vectors that were selected on; "" without
  std::map<std::string, std::string> options;
  pipeline::RunSummary summary;
  std::string method;
  std::optional<double> radius;
  Json coverage;  ///< coverage.json, or null

  std::vector<std::uint64_t> ids;     ///< ascending
  std::vector<std::uint64_t> hashes;  ///< of the records' JSON texts, in the order of ids
  std::vector<std::string> sources;
  std::map<std::string, std::vector<double>> numbers;  ///< by name, in the order of ids; NaN where there is none
};

/// Reads the run's subset, in blocks: 40 bytes a record are held, and 8 for each score. Throws UsageError naming the
/// folder when it is not that of a run that has chosen.
ComparedRun read_run(const std::filesystem::path& folder);

/// How two or more runs differ: the data of the page "compare" (docs/formats.md, "Data of reports"). Reads texts of some records that only
/// one run has chosen.
Json compare_runs(const std::vector<ComparedRun>& runs, const std::vector<std::filesystem::path>& folders);

}  // namespace farpoint::cli
