// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>

#include "command_line/command.hpp"

namespace farpoint::cli {

/// The program with all its commands declared.
class Program {
 public:
  /// `ranks`: of this run, the default of what counts them.
  explicit Program(int ranks);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  CLI::App& app() { return app_; }

  /// Reads the command line. Returns what is to be done; throws CLI::Success and the like where help or the version was
  /// asked for (exit_with prints them), and UsageError, with a suggestion where one is near, for what is wrong.
  Body parse(int argc, const char* const* argv);
  Body parse(const std::vector<std::string>& words);

 private:
  CLI::App app_;
  std::map<const CLI::App*, Body> bodies_;
  int quiet_ = 0;
  int verbose_ = 0;
};

/// Reads the command line and does what it says. Returns the exit code; collective.
int run_command_line(comm::Communicator& comm, int argc, char** argv);

}  // namespace farpoint::cli
