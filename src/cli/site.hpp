// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "farpoint/pipeline/options.hpp"

namespace farpoint::cli {

enum class Launcher { srun, mpirun };

/// What a cluster is like: all that its scripts need and experiments should not know (slurm/sites/README.md).
struct Site {
  std::string partition;
  std::string account;
  std::string qos;
  std::string reservation;
  std::string constraint;
  std::vector<std::string> directives;
  std::vector<std::string> modules;
  std::vector<std::string> setup;
  std::map<std::string, std::string> environment;
  std::string scratch;
  std::string program;
  Launcher launcher = Launcher::srun;
  std::string mpi = "pmix";
  std::vector<std::string> launcher_arguments;
  std::string binding;
  std::string gpu_flag = "--gres=gpu:{n}";
  std::string memory_per_node;
  std::uint64_t signal_seconds = 120;
  std::uint64_t max_restarts = 100;

  static pipeline::Fields<Site> fields();
};

/// Reads a site's file. Throws ConfigError with line and column.
Site read_site(const std::filesystem::path& file);

/// The site of `file`; where that is empty of $FARPOINT_SITE, else of ~/.config/farpoint/site.yaml, else the defaults.
Site find_site(const std::string& file);

}  // namespace farpoint::cli

template <>
struct farpoint::pipeline::Names<farpoint::cli::Launcher> {
  static constexpr std::array<std::string_view, 2> values{"srun", "mpirun"};
};
