// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "farpoint/comm/communicator.hpp"

/// The command line: what commands there are, and what each may be told. Parsing, help, suggestions and the completion
/// of shells are all made from these declarations. To add a command: a function here that declares it, and a line in
/// commands() (command.cpp).
namespace farpoint::cli {

/// Where an option stands in the help of its command.
namespace group {
inline constexpr const char* choice = "What is done";
inline constexpr const char* resources = "Machines, memory and time";
inline constexpr const char* output = "Output";
}  // namespace group

/// Names of what an option takes. They stand in the help, and tell the shell what to offer (completion.cpp); words with
/// a bar between them are offered as they are.
namespace value {
inline constexpr const char* config = "CONFIG";      ///< a YAML file
inline constexpr const char* file = "FILE";          ///< any file
inline constexpr const char* folder = "DIR";         ///< any folder
inline constexpr const char* run = "RUN";            ///< folder of a run
inline constexpr const char* job = "JOB";            ///< name of a job
inline constexpr const char* topic = "TOPIC";        ///< name of a command or a job
inline constexpr const char* setting = "KEY=VALUE";  ///< of the configuration
}  // namespace value

/// What a command does when it was asked for. Returns the exit code; every rank calls it.
using Body = std::function<int(comm::Communicator&)>;

/// What there is beside a command while it is declared.
struct Surroundings {
  CLI::App& whole;  ///< the program
  int ranks = 1;    ///< that this process runs with
};

struct Command {
  std::string name;
  std::string section;  ///< of the list of commands
  std::string summary;  ///< a sentence, without its full stop
  /// Whole command lines, "farpoint ...", each with what it does. A test parses them.
  struct Example {
    std::string line;
    std::string meaning;
  };
  std::vector<Example> examples;
  /// Adds the options, and returns what runs them. What they are kept in must live as long as the body.
  std::function<Body(CLI::App&, const Surroundings&)> declare;
};

/// All of them, in the order of the help.
std::vector<Command> commands();

// One group of commands a file.
Command init_command();
Command run_command();
Command validate_command();
Command estimate_command();
Command submit_command();
Command status_command();
Command inspect_command();
Command table_command();
Command report_command();
Command compare_command();
Command export_command();
Command bench_command();
Command jobs_command();
Command help_command();
Command completion_command();

// What several declarations share.

/// `command` is done by one process; the others wait for its outcome.
Body on_first_rank(std::function<int()> command);
/// An option that takes one of `words`.
CLI::Option* add_choice(CLI::App& command, const std::string& names, std::string& variable,
                        const std::vector<std::string>& words, const std::string& help);
CLI::Option* add_json(CLI::App& command, bool& json, const std::string& help);

}  // namespace farpoint::cli
