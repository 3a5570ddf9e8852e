// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "site.hpp"

namespace farpoint::cli {

/// What a job asks Slurm for.
struct Resources {
  std::uint64_t nodes = 1;
  std::uint64_t ranks_per_node = 1;
  std::uint64_t gpus_per_rank = 0;
  std::uint64_t cpus_per_rank = 1;
  std::string time;             ///< as the user wrote it; empty: the partition's default
  std::string memory_per_node;  ///< as --mem takes it; empty: the cluster's default
};

/// One run: absolute paths, for Slurm starts it again at any time.
struct BatchRun {
  std::filesystem::path config;
  std::filesystem::path output;
  std::vector<std::string> set;
};

struct BatchJob {
  std::string name;
  std::filesystem::path program;
  std::filesystem::path folder;  ///< working folder
  std::filesystem::path log_folder;
  std::vector<BatchRun> runs;  ///< more than one: an array with a task for each
  Resources resources;
};

/// The sbatch script: stops the run before the time limit (site.signal_seconds), and requeues the job when it stopped
/// at a checkpoint. Throws UsageError for values that cannot stand in a script (line breaks).
std::string batch_script(const Site& site, const BatchJob& job);

}  // namespace farpoint::cli
