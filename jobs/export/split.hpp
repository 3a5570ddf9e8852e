// SPDX-License-Identifier: Apache-2.0
// jobs/export/split.hpp: the split of an export into parts that have no duplicates of each other's records.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "farpoint/corpus/source.hpp"
#include "options.hpp"
#include "record_pass.hpp"

namespace farpoint::jobs {

struct Split {
  std::vector<std::string> names;   ///< "train", then the others in alphabetical order
  std::vector<std::uint8_t> parts;  ///< of each record: place in `names`
  std::uint64_t clusters = 0;       ///< of more than one record
  std::uint64_t in_clusters = 0;    ///< records in these
};

/// Which part each record goes to, decided by the records, the options and the seed alone. Records of one cluster stay
/// together: those of equal text (case folded, white space collapsed), and those whose texts have a Jaccard similarity
/// of `options.near` (dedup/near.hpp), transitively. Goes through the records twice at most; 70 bytes a record, and
/// what dedup::near_memory() says. Scratch files are made in `scratch`, which is removed.
Split split_records(const RecordPass& pass, const std::vector<corpus::SourceSpec>& specs, const ExportOptions& options,
                    std::uint64_t seed, const std::filesystem::path& scratch);

}  // namespace farpoint::jobs
