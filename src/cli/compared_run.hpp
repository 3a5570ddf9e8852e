// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
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

/// A chosen record, for people.
struct ChosenText {
  std::uint64_t id = 0;
  std::string source;
  std::string text;  ///< of the full view, its beginning
};

/// The first `count` chosen records, in order of choice, of which `is_wanted` says so; it gets the id, and the hash of
/// the record's JSON text. Throws as read_run() does.
std::vector<ChosenText> first_chosen(const std::filesystem::path& folder, std::size_t count,
                                     const std::function<bool(std::uint64_t id, std::uint64_t hash)>& is_wanted);

}  // namespace farpoint::cli
