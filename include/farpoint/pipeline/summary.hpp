// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "farpoint/pipeline/stage.hpp"

namespace farpoint::pipeline {

/// What one job came to.
struct JobSummary {
  std::string job;
  std::string as;
  Tally tally;
  double seconds = 0;
  double rate = 0;  ///< units a second of work; 0 when there were none, or all was kept from before
  std::string unit;
  std::uint64_t resumed_shards = 0;
  std::map<std::string, double> facts;
  std::string examples;  ///< JSON text; empty: none

  template <typename Archive>
  void serialize(Archive& archive, unsigned) {
    archive& job& as& tally& seconds& rate& unit& resumed_shards& facts& examples;
  }
};

struct RunSummary {
  int ranks = 1;
  int threads = 1;
  std::string device = "cpu";
  double seconds = 0;
  std::uint64_t pool_records = 0;
  std::vector<JobSummary> jobs;

  const JobSummary* find(const std::string& job) const;
};

/// summary.json (docs/formats.md).
std::string to_json(const RunSummary& summary);
/// A table for people.
std::string to_table(const RunSummary& summary);

}  // namespace farpoint::pipeline
