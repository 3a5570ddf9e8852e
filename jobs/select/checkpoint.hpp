// SPDX-License-Identifier: Apache-2.0
// jobs/select/checkpoint.hpp: the picks so far, on disk, for a run that is killed.
#pragma once

#include <chrono>
#include <filesystem>

#include "farpoint/pipeline/job.hpp"
#include "farpoint/select/k_center.hpp"

namespace farpoint::jobs {

/// `picks.h5` in the job's folder: ids and distances, under the job's fingerprint. Rank 0 writes.
class Checkpoint {
 public:
  Checkpoint(pipeline::JobContext& context, double seconds);

  /// What an interrupted run of the same job left; nothing when there is none, or none that can be used. Collective.
  select::KCenterPicks load();
  /// Writes the picks when the time has come.
  void offer(const select::KCenterPicks& so_far);
  void write(const select::KCenterPicks& so_far);
  /// The job has its result. Not collective.
  void remove();

 private:
  pipeline::JobContext& context_;
  std::filesystem::path path_;
  std::chrono::duration<double> interval_;
  std::chrono::steady_clock::time_point written_ = std::chrono::steady_clock::now();
};

}  // namespace farpoint::jobs
