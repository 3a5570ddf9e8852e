// SPDX-License-Identifier: Apache-2.0
// jobs/dedup/duplicates.hpp: which records are duplicates of which, over all ranks.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "options.hpp"

namespace farpoint::jobs {

/// Why a record is a duplicate. Stored in files: values stay.
enum class DuplicateBy : std::uint8_t { none = 0, exact = 1, near = 2, semantic = 3, one_pass = 4, curated = 5 };
/// Their names as counters.
constexpr std::array<std::string_view, 6> duplicate_reasons{
    "", "duplicate_exact", "duplicate_near", "duplicate_semantic", "duplicate_one_pass", "in_curated"};

/// What stands for a curated record.
constexpr std::uint64_t of_curated = ~std::uint64_t{0};

/// This rank's records in order of id.
struct Duplicates {
  std::vector<std::uint64_t> ids;
  std::vector<std::uint64_t> kept;  ///< the record that stays of its cluster; its own id; of_curated
  std::vector<DuplicateBy> by;
  std::map<std::string, double> facts;  ///< the same on every rank
};

/// Finds them by every method that the options name. Methods follow each other: exact copies are compared once by the
/// next ones, and what duplicates a curated record leaves before clusters are made. `folder`: for scratch files, and
/// for what each method came to (phases.hpp): where an interrupted run left that, the methods behind it go on.
/// Collective.
Duplicates find_duplicates(pipeline::PoolPass& pass, const DedupOptions& options, const std::filesystem::path& folder,
                           std::uint64_t shard_records);

}  // namespace farpoint::jobs
