// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "farpoint/pipeline/heartbeat.hpp"
#include "farpoint/pipeline/summary.hpp"

namespace farpoint::pipeline {

/// One stage on disk.
struct StageStatus {
  std::string name;
  bool complete = false;
  std::uint64_t shards = 0;  ///< of the pool, that are there
};

/// A stage that ranks are at. Ranks of parallel jobs are at different ones.
struct StageAtWork {
  std::string name;
  std::uint64_t done = 0;
  std::uint64_t total = 0;  ///< 0: not known
  std::uint64_t kept = 0;   ///< of `done`, by an earlier run: it took no time
  std::string unit;
  double seconds = 0;  ///< since it began
  int ranks = 0;

  std::optional<double> share() const;
  /// By this run.
  std::uint64_t made() const { return done > kept ? done - kept : 0; }
  double rate() const { return seconds > 0 ? static_cast<double>(made()) / seconds : 0; }
  std::optional<double> seconds_left() const;
};

/// What a run's folder says about its run.
struct RunStatus {
  enum class State { running, finished, failed, stopped };

  std::filesystem::path folder;
  State state = State::stopped;
  std::vector<Beat> beats;          ///< the last ones, in order of rank
  std::vector<StageStatus> stages;  ///< in order
  std::uint64_t pool_shards = 0;    ///< 0: not known, for the ingest is not complete
  std::string error;                ///< the last one that the logs have; "" when there is none
  std::optional<RunSummary> summary;

  std::vector<StageAtWork> at_work() const;
  /// The rank that has made no progress for longest, among those that do not wait for others.
  const Beat* quietest() const;
  /// Ranks by what they are doing.
  std::array<int, activity_names.size()> activities() const;
};

/// Reads the folder; `now` is in seconds since 1970. A run is at work when its lock is held, or, where its rank 0 is on
/// another machine whose locks may not be seen here, when its beats are fresh. Throws UsageError when it is no run's.
RunStatus read_status(const std::filesystem::path& folder, double now);

std::string to_json(const RunStatus& status);
/// For people; `now` as above.
std::string to_text(const RunStatus& status, double now);

}  // namespace farpoint::pipeline
