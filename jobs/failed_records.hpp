// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>

#include "farpoint/pipeline/job.hpp"

namespace farpoint::jobs {

/// Tells which records came out of a job without a value. They stay in the pipeline, so rejects.jsonl does not list
/// them; docs/models.md says how to find all.
class FailedRecords {
 public:
  /// The message names them by id, source and line. `who` is the job, `rows` are those of the shard that failed, `why`
  /// what may be the reason. A warning the first time, later ones only in this rank's log: every shard of a corpus may
  /// have some.
  void tell(const std::string& who, const pipeline::Shard& shard, std::span<const std::uint32_t> rows,
            const std::string& why) const;

  /// Adds a column of numbers, one a record of the shard; those that are NaN are records without a value: counted in
  /// `result.failed`, and told.
  void add_numbers(const std::string& who, const pipeline::Shard& shard, store::Column column, const std::string& why,
                   pipeline::ShardResult& result) const;

 private:
  mutable std::atomic<bool> told_ = false;
};

}  // namespace farpoint::jobs
