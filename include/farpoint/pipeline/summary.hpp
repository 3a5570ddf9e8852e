// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/base/activity.hpp"
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
  TimeUse time;          ///< mean over the job's ranks
  std::vector<TimeUse> rank_times;
  /// How much longer the busiest rank worked than the mean: 0.1 for a tenth. Waiting for others is no work.
  double imbalance = 0;

  template <typename Archive>
  void serialize(Archive& archive, unsigned) {
    archive& job& as& tally& seconds& rate& unit& resumed_shards& facts& examples;
    archive& time& rank_times& imbalance;
  }
};

/// Fills in the times and `imbalance` from what each rank of the job spent.
void add_times(JobSummary& summary, std::span<const TimeUse> ranks);

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
/// What to_json() wrote. Throws Error when it is something else.
RunSummary summary_from_json(std::string_view json);
/// What each rank spent on each job: times.jsonl (docs/formats.md), a line a job.
std::string rank_times_to_lines(const RunSummary& summary);
/// Adds what rank_times_to_lines() wrote to the jobs that it tells of. Throws Error when it is something else.
void add_rank_times(std::string_view lines, RunSummary& summary);
/// A table for people.
std::string to_table(const RunSummary& summary);

}  // namespace farpoint::pipeline
