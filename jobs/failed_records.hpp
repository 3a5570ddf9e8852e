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

 private:
  mutable std::atomic<bool> told_ = false;
};

}  // namespace farpoint::jobs
