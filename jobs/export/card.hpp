// SPDX-License-Identifier: Apache-2.0
// jobs/export/card.hpp: the README.md of a folder of datasets, a dataset card as Hugging Face has them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "farpoint/corpus/record.hpp"

namespace farpoint::jobs {

struct ExportTarget;

struct CardFacts {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;  ///< as lines of JSON
  bool is_parquet = false;
  std::vector<std::string> parts;
  std::vector<std::uint64_t> part_records;
  std::map<std::string, std::uint64_t> sources;  ///< records of each
  std::map<corpus::Schema, std::uint64_t> schemas;
};

/// What it says comes from the records, the configuration, and coverage.json and summary.json where the run has them;
/// what is not known is left out.
std::string dataset_card(const ExportTarget& target, const CardFacts& facts);

}  // namespace farpoint::jobs
