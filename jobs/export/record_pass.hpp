// SPDX-License-Identifier: Apache-2.0
// jobs/export/record_pass.hpp: the records of an export, which are gone through several times.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>
#include <vector>

#include "farpoint/corpus/record.hpp"
#include "farpoint/corpus/source.hpp"
#include "farpoint/pipeline/job.hpp"

namespace farpoint::jobs {

/// A record as it is exported. Valid during the call.
struct StoredRecord {
  std::string_view json;
  std::uint32_t source_index = 0;
  std::string_view source;
};

/// Calls its argument for each record, in the same order every time.
using RecordPass = std::function<void(const std::function<void(const StoredRecord&)>&)>;

/// The records of a subset file in its order, read by blocks. Throws Error naming the file when it is not one.
RecordPass records_of_subset(std::filesystem::path subset);

/// All records that are left in the shard.
void visit_records(const pipeline::Shard& shard, const std::function<void(const StoredRecord&)>& visit);

/// A record and what is in it.
struct ParsedRecord {
  const StoredRecord& stored;
  const corpus::Record& record;  ///< without turns when it is only a vector
  std::uint64_t number = 0;      ///< from 0
};

/// Goes through the records once, parsed. `specs` are the sources of the configuration: they know the fields of records
/// with a schema of their own. Throws Error for a record that cannot be read. Returns how many there are.
std::uint64_t for_each_parsed(const RecordPass& pass, const std::vector<corpus::SourceSpec>& specs,
                              const std::function<void(const ParsedRecord&)>& visit);

/// What a split compares records by: the `full` text, or the JSON of a record that is only a vector.
std::string text_of(const ParsedRecord& parsed);

}  // namespace farpoint::jobs
